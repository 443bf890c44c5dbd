namespace Emu.Core.Machine;

/// <summary>Looks at a machine between instructions, at points of its own choosing, while the machine runs. It changes nothing.</summary>
public interface IRunProbe
{
    /// <summary>
    /// The count of retired instructions from which on it wants to look next. Not a tick: an idle guest leaves millions of ticks behind with a few instructions.
    /// </summary>
    ulong NextInstruction { get; }

    /// <summary>The machine has come to <see cref="NextInstruction"/>: inputs and events due are done, nothing is running.</summary>
    void Reach();
}
