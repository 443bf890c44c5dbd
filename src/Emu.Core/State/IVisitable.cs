namespace Emu.Core.State;

/// <summary>A part of a machine whose state has no fixed size, beside the struct it may have as <see cref="IStateful"/>.</summary>
public interface IVisitable
{
    /// <summary>Unique within a machine; first part of the names in a snapshot.</summary>
    string Id { get; }

    /// <summary>Shows every variable-size part, always in the same order.</summary>
    void Visit(IStateVisitor visitor);
}
