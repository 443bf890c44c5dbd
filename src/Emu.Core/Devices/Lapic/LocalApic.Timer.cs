namespace Emu.Core.Devices.Lapic;

/// <summary>The timer: one-shot, periodic, TSC-deadline. SDM 3A 11.5.4.</summary>
public sealed partial class LocalApic
{
    private const uint TimerPeriodic = 1 << 17, TimerDeadline = 2 << 17, TimerMode = 3 << 17;

    /// <inheritdoc/>
    public void OnTimer(int timer)
    {
        if (DeadlineMode)
        {
            S.TscDeadline = 0;
        }
        else if ((S.LvtTimer & TimerMode) == TimerPeriodic)
        {
            S.TimerStart += Period;
            ScheduleTimer();
        }
        else
        {
            S.TimerCounts = 0;
        }

        FireLvt(S.LvtTimer & ~LvtDeliveryMode);
    }

    private bool DeadlineMode => (S.LvtTimer & TimerMode) == TimerDeadline;

    /// <summary>Divide configuration: bits 3, 1, 0; 111 divides by 1.</summary>
    private int DivideShift => (int)((S.DivideConfiguration & 3 | S.DivideConfiguration >> 1 & 4) + 1 & 7);

    private ulong Period => (ulong)S.InitialCount << DivideShift;

    private uint CurrentCount
    {
        get
        {
            if (S.TimerCounts == 0 || S.InitialCount == 0)
                return 0;
            ulong elapsed = (_clock.Now - S.TimerStart) >> DivideShift;
            if ((S.LvtTimer & TimerMode) == TimerPeriodic)
                return S.InitialCount - (uint)(elapsed % S.InitialCount);
            return elapsed >= S.InitialCount ? 0 : S.InitialCount - (uint)elapsed;
        }
    }

    private void WriteInitialCount(uint value)
    {
        if (DeadlineMode)
            return;
        S.InitialCount = value;
        S.TimerStart = _clock.Now;
        S.TimerCounts = (byte)(value != 0 ? 1 : 0);
        ScheduleTimer();
    }

    private void WriteDivide(uint value)
    {
        ulong counted = S.InitialCount - CurrentCount;
        S.DivideConfiguration = value & 0xB;
        S.TimerStart = _clock.Now - Math.Min(counted << DivideShift, _clock.Now);
        ScheduleTimer();
    }

    private void WriteLvtTimer(uint value)
    {
        uint before = S.LvtTimer;
        uint count = CurrentCount;
        S.LvtTimer = Masked(value & LvtTimerBits);
        bool mode = ((before ^ S.LvtTimer) & TimerMode) != 0;
        if (mode && ((before & TimerMode) == TimerDeadline || DeadlineMode))
        {
            // Changing to or from TSC-deadline mode disarms the timer (SDM 3A 11.5.4.1).
            S.TscDeadline = 0;
            S.TimerCounts = 0;
        }
        else if (count == 0)
        {
            S.TimerCounts = 0;
        }

        ScheduleTimer();
    }

    private void WriteDeadline(ulong value)
    {
        if (!DeadlineMode)
            return;
        S.TscDeadline = value;
        if (value != 0 && value <= _clock.Now)
            OnTimer(0);
        else
            ScheduleTimer();
    }

    /// <summary>An event only where it has an effect: a masked counter is computed when somebody reads it.</summary>
    private void ScheduleTimer()
    {
        ulong tick = Time.EventQueue.Never;
        if (DeadlineMode)
        {
            if (S.TscDeadline != 0)
                tick = S.TscDeadline;
        }
        else if (S.TimerCounts != 0 && (S.LvtTimer & LvtMasked) == 0)
        {
            ulong elapsed = _clock.Now - S.TimerStart;
            tick = S.TimerStart + Period;
            if (elapsed >= Period)
            {
                if ((S.LvtTimer & TimerMode) != TimerPeriodic)
                    tick = Time.EventQueue.Never;
                else
                    tick = S.TimerStart + (elapsed / Period + 1) * Period;
            }
        }

        if (_events.ScheduledAt(_slot) != tick)
            _events.Schedule(_slot, tick);
    }
}
