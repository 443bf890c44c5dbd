namespace Emu.Core.Devices.Pit;

/// <summary>Control words, latches and the byte-wise access to counts.</summary>
public sealed partial class Pit8254
{
    private void WriteControl(byte word)
    {
        int select = word >> 6;
        ulong clock = Clock;
        if (select == 3)
        {
            ReadBack(word, clock);
            return;
        }

        ref Counter counter = ref S.Counters[select];
        int access = word >> 4 & 3;
        if (access == 0)
        {
            LatchCount(ref counter, clock);
            return;
        }

        int mode = word >> 1 & 7;
        counter.Access = (byte)access;
        counter.Mode = (byte)(mode > 5 ? mode - 4 : mode); // 6 and 7 are 2 and 3
        counter.Bcd = (byte)(word & 1);
        counter.Loaded = counter.Running = counter.WriteHigh = counter.ReadHigh = 0;
        counter.CountLatched = counter.StatusLatched = 0;
        counter.NextCount = 0;
        counter.Elapsed = 0;
        counter.NullCount = 1;
    }

    private void ReadBack(byte word, ulong clock)
    {
        for (int i = 0; i < CounterCount; i++)
        {
            if ((word & (2 << i)) == 0)
                continue;
            ref Counter counter = ref S.Counters[i];
            if ((word & 0x20) == 0)
                LatchCount(ref counter, clock);
            if ((word & 0x10) == 0 && counter.StatusLatched == 0)
            {
                bool output = Out(ref counter, clock);
                bool loading = counter.NullCount != 0 || (counter.Running != 0 && clock < counter.Start);
                counter.StatusLatch = (byte)(Bit(output, 7) | Bit(loading, 6) | (uint)counter.Access << 4 | (uint)counter.Mode << 1 | counter.Bcd);
                counter.StatusLatched = 1;
            }
        }
    }

    private static void LatchCount(ref Counter counter, ulong clock)
    {
        if (counter.CountLatched != 0)
            return;
        counter.CountLatch = Shown(ref counter, clock);
        counter.CountLatched = 1;
    }

    private static ushort Shown(ref Counter counter, ulong clock)
    {
        uint value = Value(ref counter, clock);
        return counter.Bcd != 0 ? ToBcd(value) : (ushort)value;
    }

    private uint ReadCounter(ref Counter counter)
    {
        if (counter.StatusLatched != 0)
        {
            counter.StatusLatched = 0;
            return counter.StatusLatch;
        }

        ushort value = counter.CountLatched != 0 ? counter.CountLatch : Shown(ref counter, Clock);
        bool high = counter.Access == 2 || (counter.Access == 3 && counter.ReadHigh != 0);
        if (counter.Access == 3)
            counter.ReadHigh ^= 1;
        if (counter.Access != 3 || high)
            counter.CountLatched = 0;
        return high ? (uint)value >> 8 : value & 0xFFu;
    }

    private void WriteCounter(ref Counter counter, byte value)
    {
        ulong clock = Clock;
        Sync(ref counter, clock);
        switch (counter.Access)
        {
            case 1:
                Load(ref counter, value, clock);
                break;
            case 2:
                Load(ref counter, (ushort)(value << 8), clock);
                break;
            case 3 when counter.WriteHigh == 0:
                counter.LowByte = value;
                counter.WriteHigh = 1;
                if (counter.Mode == 0)
                {
                    // Mode 0: the first byte disables counting, and OUT falls (data sheet, 'Mode 0').
                    counter.Loaded = 0;
                    counter.Running = 0;
                }

                break;
            default:
                counter.WriteHigh = 0;
                Load(ref counter, (ushort)(value << 8 | counter.LowByte), clock);
                break;
        }
    }
}
