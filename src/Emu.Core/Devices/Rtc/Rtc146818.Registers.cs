using Emu.Core.Time;

namespace Emu.Core.Devices.Rtc;

/// <summary>Time, alarm and the registers A to D.</summary>
public sealed partial class Rtc146818
{
    private const int Seconds = 0, SecondsAlarm = 1, Minutes = 2, MinutesAlarm = 3, Hours = 4, HoursAlarm = 5, DayOfWeek = 6, Day = 7, Month = 8, Year = 9;
    private const int RegisterA = 10, RegisterB = 11, RegisterC = 12, RegisterD = 13, Century = 0x32;
    private const byte UpdateInProgress = 0x80, SetClock = 0x80, Binary = 0x04, HourMode24 = 0x02;
    private const byte Periodic = 0x40, Alarm = 0x20, UpdateEnded = 0x10, Request = 0x80, ValidRam = 0x80, Pm = 0x80;

    private byte ControlB => S.Cmos[RegisterB];

    private bool Stopped => (ControlB & SetClock) != 0;

    private static bool IsTime(int register) => register is Seconds or Minutes or Hours or (>= DayOfWeek and <= Year) or Century;

    private uint ReadRegister(int register)
    {
        switch (register)
        {
            case RegisterA:
                bool updating = !Stopped && (_clock.Now - S.BaseTick) % MachineClock.TicksPerSecond >= MachineClock.TicksPerSecond - UpdateInProgressTicks;
                return (uint)(S.Cmos[RegisterA] | (updating ? UpdateInProgress : 0));
            case RegisterC:
                return ReadFlags();
            case RegisterD:
                return ValidRam;
            default:
                if (!Stopped && IsTime(register))
                    ShowTime();
                return S.Cmos[register];
        }
    }

    private void WriteRegister(int register, byte value)
    {
        switch (register)
        {
            case RegisterA:
                S.Cmos[RegisterA] = (byte)(value & 0x7F);
                break;
            case RegisterB:
                WriteControlB(value);
                break;
            case RegisterC or RegisterD:
                break;
            default:
                if (!Stopped && IsTime(register))
                {
                    ShowTime();
                    S.Cmos[register] = value;
                    TakeTime();
                }
                else
                {
                    S.Cmos[register] = value;
                }

                break;
        }

        ScheduleInterrupts();
    }

    private void WriteControlB(byte value)
    {
        bool was = Stopped;
        if ((value & SetClock) != 0)
        {
            if (!was)
                ShowTime();
            value &= unchecked((byte)~UpdateEnded); // setting SET clears UIE
        }

        if (was && (value & SetClock) == 0)
        {
            S.Cmos[RegisterB] = value;
            TakeTime();
        }

        S.Cmos[RegisterB] = value;
    }

    private uint ReadFlags()
    {
        // Flags are set whether or not their interrupts are enabled, so edges nobody scheduled are found here.
        if (!Stopped && SecondsSince(S.LastFlagsRead) != SecondsSince(_clock.Now))
            S.Flags |= UpdateEnded;
        ulong period = PeriodClocks;
        if (period != 0 && Frequency.Crystal.CountAt(S.LastFlagsRead) / period != Frequency.Crystal.CountAt(_clock.Now) / period)
            S.Flags |= Periodic;
        uint value = (uint)(S.Flags | (IsRequesting ? Request : 0));
        S.Flags = 0;
        S.LastFlagsRead = _clock.Now;
        ScheduleInterrupts();
        return value;
    }

    private bool IsRequesting => (S.Flags & ControlB & (Periodic | Alarm | UpdateEnded)) != 0;

    private void Update() => _irq8.Set(IsRequesting);

    private ulong SecondsSince(ulong tick) => tick < S.BaseTick ? 0 : (tick - S.BaseTick) / MachineClock.TicksPerSecond;

    private long Now => S.BaseSeconds + (long)SecondsSince(_clock.Now);

    /// <summary>Clocks of the crystal between periodic edges; 0 for none (data sheet, table 5).</summary>
    private ulong PeriodClocks
    {
        get
        {
            int rate = S.Cmos[RegisterA] & 0x0F;
            if (rate == 0)
                return 0;
            return 1UL << (rate <= 2 ? rate + 6 : rate - 1);
        }
    }

    private void OnSecond()
    {
        S.Flags |= UpdateEnded;
        if ((ControlB & Alarm) != 0 && AlarmMatches())
            S.Flags |= Alarm;
        ScheduleInterrupts();
    }

    private bool AlarmMatches()
    {
        ShowTime();
        return Matches(SecondsAlarm, Seconds) && Matches(MinutesAlarm, Minutes) && Matches(HoursAlarm, Hours);
    }

    /// <summary>An alarm byte of C0H and above means: any.</summary>
    private bool Matches(int alarm, int register) => S.Cmos[alarm] >= 0xC0 || S.Cmos[alarm] == S.Cmos[register];

    private void ScheduleInterrupts()
    {
        ulong second = EventQueue.Never;
        if (!Stopped && (ControlB & (Alarm | UpdateEnded)) != 0)
            second = S.BaseTick + (SecondsSince(_clock.Now) + 1) * MachineClock.TicksPerSecond;
        _events.Schedule(_secondSlot, second);

        ulong edge = EventQueue.Never;
        ulong period = PeriodClocks;
        if ((ControlB & Periodic) != 0 && period != 0)
            edge = Frequency.Crystal.TickOf((Frequency.Crystal.CountAt(_clock.Now) / period + 1) * period);
        _events.Schedule(_periodicSlot, edge);
    }

    /// <summary>Puts the running time into the registers.</summary>
    private void ShowTime()
    {
        Calendar now = Calendar.FromSeconds(Now);
        S.Cmos[Seconds] = Encode(now.Second);
        S.Cmos[Minutes] = Encode(now.Minute);
        S.Cmos[DayOfWeek] = Encode(now.DayOfWeek);
        S.Cmos[Day] = Encode(now.Day);
        S.Cmos[Month] = Encode(now.Month);
        S.Cmos[Year] = Encode((int)(now.Year % 100));
        S.Cmos[Century] = Encode((int)(now.Year / 100 % 100));
        if ((ControlB & HourMode24) != 0)
            S.Cmos[Hours] = Encode(now.Hour);
        else
            S.Cmos[Hours] = (byte)(Encode((now.Hour + 11) % 12 + 1) | (now.Hour >= 12 ? Pm : 0));
    }

    /// <summary>The clock goes on from what the registers say; nonsense is brought into range.</summary>
    private void TakeTime()
    {
        byte hours = S.Cmos[Hours];
        int hour = (ControlB & HourMode24) != 0 ? Decode(hours) : Decode((byte)(hours & 0x7F)) % 12 + ((hours & Pm) != 0 ? 12 : 0);
        var time = new Calendar(
            Decode(S.Cmos[Century]) * 100 + Decode(S.Cmos[Year]),
            Math.Clamp(Decode(S.Cmos[Month]), 1, 12),
            Math.Clamp(Decode(S.Cmos[Day]), 1, 31),
            Math.Min(hour, 23),
            Math.Min(Decode(S.Cmos[Minutes]), 59),
            Math.Min(Decode(S.Cmos[Seconds]), 59));
        S.BaseSeconds = time.ToSeconds();
        S.BaseTick = _clock.Now;
        S.LastFlagsRead = _clock.Now;
    }

    private byte Encode(int value) => (ControlB & Binary) != 0 ? (byte)value : (byte)(value / 10 << 4 | value % 10);

    private int Decode(byte value) => (ControlB & Binary) != 0 ? value : (value >> 4) * 10 + (value & 15);
}
