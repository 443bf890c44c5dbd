using Emu.Core.Machine;
using Emu.X86.Exceptions;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Crashes;

/// <summary>Brings a guest to an instruction of its kernel at which a fault can be injected: the place where it stands, or the next time the kernel is entered.</summary>
/// <param name="guest">The guest.</param>
public sealed class KernelEntry(GuestMachine guest) : IPassageObserver
{
    /// <summary>From the entry to where the kernel has its own stack and registers in order.</summary>
    private const ulong Prologue = 400;

    private readonly GuestMachine _guest = guest;

    /// <summary>Runs until the kernel runs.</summary>
    /// <param name="limit">Most ticks.</param>
    /// <returns>False when it was not entered in time, or the run ended.</returns>
    public bool Reach(ulong limit)
    {
        ulong end = _guest.Machine.Clock.Now + limit;
        while (_guest.Processor.Cpl != 0)
        {
            _guest.Processor.Observer = this;
            RunResult result = _guest.Machine.Run(end);
            _guest.Processor.Observer = null;
            if (result.Reason == StopReason.Text)
                result = _guest.Machine.Run(_guest.Machine.Clock.Now + Prologue);
            if (result.Reason != StopReason.Limit || _guest.Machine.Clock.Now >= end)
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Passed(in Passage passage)
    {
        if (passage.Kind is PassageKind.SystemCall or PassageKind.Delivery)
            _guest.Machine.Stop.Request(StopReason.Text);
    }
}
