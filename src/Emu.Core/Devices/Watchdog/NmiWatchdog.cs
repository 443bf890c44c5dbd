using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Watchdog;

/// <summary>
/// Raises NMI at the exact tick at which the processor has been neither in user mode nor in HLT for a set time; and, if it is told to, when the processor
/// has not left one of them for another. It looks only at the processor's mode and at when it changed; the guest cannot see or feed it.
/// </summary>
/// <remarks>
/// It watches from the first time user mode or idle was reached, so that a long decompression before that is no hang. After it has fired it
/// waits for the same time again. The second time is for kernels that are known to come by more often: each interrupt feeds it.
/// </remarks>
public sealed class NmiWatchdog : Device<NmiWatchdog.State>, ITimedDevice
{
    private const int UserMode = 3;
    private const int Busy = 0;
    private const int Stay = 1;

    private readonly MachineClock _clock;
    private readonly EventQueue _events;
    private readonly IIrqLine _nmi;
    private readonly Func<IProcessor> _processor;
    private readonly ulong _timeout;
    private readonly ulong _stayTimeout;
    private readonly int _busySlot;
    private readonly int _staySlot;

    /// <param name="clock">The machine's time.</param>
    /// <param name="events">Where it is called from.</param>
    /// <param name="nmi">LINT1.</param>
    /// <param name="processor">Whose mode it looks at.</param>
    /// <param name="timeout">Ticks without user mode or HLT; 0 for any number.</param>
    /// <param name="stayTimeout">Ticks in user mode or HLT without leaving it; 0 for any number.</param>
    public NmiWatchdog(MachineClock clock, EventQueue events, IIrqLine nmi, Func<IProcessor> processor, ulong timeout, ulong stayTimeout)
        : base("watchdog")
    {
        _clock = clock;
        _events = events;
        _nmi = nmi;
        _processor = processor;
        _timeout = timeout;
        _stayTimeout = stayTimeout;
        _busySlot = events.Register(this, Busy);
        _staySlot = events.Register(this, Stay);
        Reset();
    }

    /// <summary>How often it has fired since power-on.</summary>
    public uint FireCount => S.FireCount;

    /// <summary>HLT with interrupts disabled does not last for ever.</summary>
    public bool EndsHalt => _stayTimeout != 0;

    /// <inheritdoc/>
    public void OnTimer(int timer)
    {
        if (timer == Busy)
            LookForHang();
        else
            LookForStay();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        if (_timeout != 0)
            _events.Schedule(_busySlot, _clock.Now + _timeout);
        if (_stayTimeout != 0)
            _events.Schedule(_staySlot, _clock.Now + _stayTimeout);
    }

    private void LookForHang()
    {
        ulong seen = _processor().LastUserOrIdleTick;
        ulong since = Math.Max(seen, S.LastFired);
        if (seen == 0)
            since = _clock.Now; // not armed yet
        else if (_clock.Now - since >= _timeout)
            since = Fire();
        _events.Schedule(_busySlot, since + _timeout);
    }

    private void LookForStay()
    {
        bool stays = _processor().Halted || _processor().Cpl == UserMode;
        ulong since = stays ? Math.Max(_processor().LastLeftTick, S.LastFired) : _clock.Now;
        if (_clock.Now - since >= _stayTimeout)
            since = Fire();
        _events.Schedule(_staySlot, since + _stayTimeout);
    }

    private ulong Fire()
    {
        S.FireCount++;
        S.LastFired = _clock.Now;
        _nmi.Set(true);
        _nmi.Set(false);
        return _clock.Now;
    }

    /// <summary>When and how often it fired.</summary>
    public struct State
    {
        public ulong LastFired;
        public uint FireCount;
        public uint Reserved;
    }
}
