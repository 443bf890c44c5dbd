using Emu.Core.Machine;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Consoles;

/// <summary>A guest in which faults are injected, and whoever runs it.</summary>
public interface IFaultHost
{
    /// <summary>The guest.</summary>
    GuestMachine Guest { get; }

    /// <summary>Is asked at stops while a fault is watched; null otherwise.</summary>
    IStopHandler? StopHandler { get; set; }

    /// <summary>Runs to a tick; stops of the <see cref="StopHandler"/>'s do not end the run.</summary>
    RunResult Run(ulong limit);

    /// <summary>Stops runs before the instruction at a linear address, or does not any more.</summary>
    void SetBreakpoint(ulong address, bool enabled);
}
