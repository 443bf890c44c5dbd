namespace Emu.Core.Machine;

/// <summary>Looks at a machine between instructions, at points of its own choosing, while the machine runs. It changes nothing.</summary>
public interface IRunProbe
{
    /// <summary>The tick from which on it wants to look next; idle time may carry the machine beyond it.</summary>
    ulong NextTick { get; }

    /// <summary>The machine has come to <see cref="NextTick"/>: inputs and events due are done, nothing is running.</summary>
    void Reach();
}
