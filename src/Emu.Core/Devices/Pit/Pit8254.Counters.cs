namespace Emu.Core.Devices.Pit;

/// <summary>The counting of the six modes, as functions of the clock.</summary>
public sealed partial class Pit8254
{
    private const uint MaxCount = 0x1_0000;
    private const uint MaxCountBcd = 10_000;

    private static ulong ElapsedAt(in Counter counter, ulong clock)
    {
        if (counter.Running == 0)
            return counter.Elapsed;
        return clock > counter.Start ? clock - counter.Start : 0;
    }

    private static bool IsPeriodic(in Counter counter) => counter.Mode is 2 or 3;

    /// <summary>Lets a new count take effect whose time has come.</summary>
    private static void Sync(ref Counter counter, ulong clock)
    {
        if (counter.NextCount == 0 || counter.Running == 0 || clock < counter.SwitchAt)
            return;
        counter.Count = counter.NextCount;
        counter.NextCount = 0;
        counter.Start = counter.SwitchAt;
        counter.NullCount = 0;
    }

    /// <summary>The OUT pin.</summary>
    private static bool Out(ref Counter counter, ulong clock)
    {
        Sync(ref counter, clock);
        if (counter.Loaded == 0 || (counter.Running != 0 && clock < counter.Start))
            return counter.Mode != 0;
        ulong elapsed = ElapsedAt(counter, clock);
        uint n = counter.Count;
        return counter.Mode switch
        {
            0 or 1 => elapsed >= n,
            2 => counter.Gate == 0 || n < 2 || elapsed % n != n - 1,
            3 => counter.Gate == 0 || n < 2 || elapsed % n < (n + 1) / 2,
            _ => elapsed != n,
        };
    }

    /// <summary>The clock of the next change of OUT, or <see cref="ulong.MaxValue"/>.</summary>
    private static ulong NextChange(ref Counter counter, ulong clock)
    {
        if (counter.Loaded == 0 || counter.Running == 0)
            return ulong.MaxValue;
        ulong from = Math.Max(clock, counter.Start);
        ulong elapsed = from - counter.Start;
        uint n = counter.Count;
        if (IsPeriodic(counter))
        {
            if (n < 2)
                return counter.NextCount != 0 ? counter.SwitchAt : ulong.MaxValue;
            ulong phase = elapsed % n;
            uint edge = counter.Mode == 2 ? n - 1 : (n + 1) / 2;
            return from + (phase < edge ? edge - phase : n - phase);
        }

        if (elapsed < n)
            return counter.Start + n;
        return counter.Mode >= 4 && elapsed == n ? from + 1 : ulong.MaxValue;
    }

    /// <summary>The counting element, binary, as a read shows it.</summary>
    private static uint Value(ref Counter counter, ulong clock)
    {
        Sync(ref counter, clock);
        ulong elapsed = ElapsedAt(counter, clock);
        uint n = counter.Count, modulus = counter.Bcd != 0 ? MaxCountBcd : MaxCount;
        if (counter.Mode == 2)
            return n - (uint)(elapsed % n);
        if (counter.Mode == 3)
        {
            // Counts down by two, twice in a period; an odd count loses one first and stays at 0 for one clock of the high half.
            uint phase = (uint)(elapsed % n), half = (n + 1) / 2;
            return (n & ~1U) - 2 * (phase < half ? phase : phase - half);
        }

        return (uint)((n + modulus - elapsed % modulus) % modulus);
    }

    private void SetGate(ref Counter counter, bool gate)
    {
        bool was = counter.Gate != 0;
        if (was == gate)
            return;
        ulong clock = Clock;
        Sync(ref counter, clock);
        counter.Gate = (byte)(gate ? 1 : 0);
        if (counter.Loaded == 0)
            return;
        if (gate && counter.Mode is 1 or 2 or 3 or 5)
        {
            Start(ref counter, clock); // a trigger loads the count again
        }
        else if (gate)
        {
            counter.Start = clock - Math.Min(counter.Elapsed, clock);
            counter.Running = 1;
        }
        else if (counter.Mode is 0 or 2 or 3 or 4)
        {
            counter.Elapsed = ElapsedAt(counter, clock);
            counter.Running = 0;
        }
    }

    /// <summary>The next clock transfers the count to the counting element.</summary>
    private static void Start(ref Counter counter, ulong clock)
    {
        if (counter.NextCount != 0)
            counter.Count = counter.NextCount;
        counter.NextCount = 0;
        counter.Start = clock + 1;
        counter.Elapsed = 0;
        counter.Running = 1;
        counter.NullCount = 0;
    }

    private static void Load(ref Counter counter, ushort written, ulong clock)
    {
        uint count = counter.Bcd != 0 ? FromBcd(written) : written;
        if (count == 0)
            count = counter.Bcd != 0 ? MaxCountBcd : MaxCount;
        bool first = counter.Loaded == 0;
        counter.Loaded = 1;
        counter.NullCount = 1;
        switch (counter.Mode)
        {
            case 1 or 5:
                counter.NextCount = 0;
                counter.Count = count;
                if (first)
                    counter.Elapsed = count + 1; // waits for its trigger, OUT high
                break;
            case 2 or 3 when !first && counter.Running != 0:
                counter.NextCount = count;
                ulong elapsed = ElapsedAt(counter, clock);
                counter.SwitchAt = Math.Max(clock, counter.Start) + counter.Count - elapsed % counter.Count;
                break;
            default:
                counter.Count = count;
                counter.NextCount = 0;
                Start(ref counter, clock);
                if (counter.Gate == 0)
                    counter.Running = 0;
                break;
        }
    }

    private static uint FromBcd(ushort value) =>
        (uint)((value >> 12) * 1000 + (value >> 8 & 15) * 100 + (value >> 4 & 15) * 10 + (value & 15));

    private static ushort ToBcd(uint value) =>
        (ushort)(value / 1000 % 10 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 | value % 10);
}
