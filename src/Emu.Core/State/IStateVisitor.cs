namespace Emu.Core.State;

/// <summary>Walks the variable-size parts of a state. One visit serves all purposes: save, load, hash and compare.</summary>
public interface IStateVisitor
{
    /// <summary>Pages by number, in ascending order.</summary>
    void Pages(string name, PageStore pages);
}
