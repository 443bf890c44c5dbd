namespace Emu.Core.State;

/// <summary>A device of the machine: state, and a reset that equals fresh construction.</summary>
public interface IDevice : IStateful
{
    /// <summary>Power-on state.</summary>
    void Reset();
}
