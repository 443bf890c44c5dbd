using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Watchdog;

/// <summary>
/// Raises NMI at the exact tick at which the processor has been neither in user mode nor in HLT for a set time. It looks only at
/// <see cref="IProcessor.LastUserOrIdleTick"/>; the guest cannot see or feed it.
/// </summary>
/// <remarks>
/// It watches from the first time user mode or idle was reached, so that a long decompression before that is no hang. After it has fired it
/// waits for the same time again.
/// </remarks>
public sealed class NmiWatchdog : Device<NmiWatchdog.State>, ITimedDevice
{
    private readonly MachineClock _clock;
    private readonly EventQueue _events;
    private readonly IIrqLine _nmi;
    private readonly Func<ulong> _lastUserOrIdle;
    private readonly ulong _timeout;
    private readonly int _slot;

    /// <param name="clock">The machine's time.</param>
    /// <param name="events">Where it is called from.</param>
    /// <param name="nmi">LINT1.</param>
    /// <param name="lastUserOrIdle">The processor's <see cref="IProcessor.LastUserOrIdleTick"/>.</param>
    /// <param name="timeout">Ticks; 0 switches it off.</param>
    public NmiWatchdog(MachineClock clock, EventQueue events, IIrqLine nmi, Func<ulong> lastUserOrIdle, ulong timeout)
        : base("watchdog")
    {
        _clock = clock;
        _events = events;
        _nmi = nmi;
        _lastUserOrIdle = lastUserOrIdle;
        _timeout = timeout;
        _slot = events.Register(this, 0);
        Reset();
    }

    /// <summary>How often it has fired since power-on.</summary>
    public uint FireCount => S.FireCount;

    /// <inheritdoc/>
    public void OnTimer(int timer)
    {
        ulong seen = _lastUserOrIdle();
        ulong since = Math.Max(seen, S.LastFired);
        if (seen == 0)
        {
            since = _clock.Now; // not armed yet
        }
        else if (_clock.Now - since >= _timeout)
        {
            S.FireCount++;
            S.LastFired = since = _clock.Now;
            _nmi.Set(true);
            _nmi.Set(false);
        }

        _events.Schedule(_slot, since + _timeout);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        if (_timeout != 0)
            _events.Schedule(_slot, _clock.Now + _timeout);
    }

    /// <summary>When and how often it fired.</summary>
    public struct State
    {
        public ulong LastFired;
        public uint FireCount;
        public uint Reserved;
    }
}
