using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Pit;

/// <summary>
/// The 8254 programmable interval timer (ports 40H-43H) and the speaker port 61H, which holds the gate of counter 2. Counter 0 drives IRQ 0.
/// The names are those of the 8254 data sheet (Intel 231164).
/// </summary>
/// <remarks>
/// Counters are computed from the tick when somebody looks; only a change of OUT0 is an event. In modes 2 and 3 a new count takes effect at
/// the end of the running period. A period of one clock, which the data sheet forbids there, leaves OUT high.
/// </remarks>
public sealed partial class Pit8254 : Device<Pit8254.State>, IPortHandler, ITimedDevice
{
    private const int CounterCount = 3;
    private const ushort ControlPort = 0x43;
    private const ushort SpeakerPort = 0x61;
    private const int RefreshClocks = 18; // counter 1 refreshes the memory of a PC about every 15 us

    private readonly MachineClock _clock;
    private readonly EventQueue _events;
    private readonly IIrqLine _irq0;
    private readonly int _slot;

    public Pit8254(MachineClock clock, EventQueue events, IIrqLine irq0)
        : base("pit")
    {
        _clock = clock;
        _events = events;
        _irq0 = irq0;
        _slot = events.Register(this, 0);
        Reset();
    }

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports)
    {
        ports.Register(0x40, 4, AccessWidths.Byte, this);
        ports.Register(SpeakerPort, 1, AccessWidths.Byte, this);
    }

    /// <inheritdoc/>
    public void OnTimer(int timer) => DriveIrq0();

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => port switch
    {
        SpeakerPort => ReadSpeaker(),
        ControlPort => 0xFF, // the control register cannot be read
        _ => ReadCounter(ref S.Counters[port & 3]),
    };

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        if (port == SpeakerPort)
        {
            S.Speaker = (byte)(value & 0x0F);
            SetGate(ref S.Counters[2], (value & 1) != 0);
        }
        else if (port == ControlPort)
        {
            WriteControl((byte)value);
        }
        else
        {
            WriteCounter(ref S.Counters[port & 3], (byte)value);
        }

        DriveIrq0();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        for (int i = 0; i < CounterCount; i++)
        {
            ref Counter counter = ref S.Counters[i];
            counter.Count = MaxCount;
            counter.Access = 3;
            counter.Gate = (byte)(i == 2 ? 0 : 1);
            counter.NullCount = 1;
        }

        _events.Cancel(_slot);
        _irq0.Set(false);
    }

    private static uint Bit(bool value, int position) => value ? 1U << position : 0;

    private uint ReadSpeaker()
    {
        ulong clock = Clock;
        return (uint)(S.Speaker & 0x0F) | Bit((clock / RefreshClocks & 1) != 0, 4) | Bit(Out(ref S.Counters[2], clock), 5);
    }

    private ulong Clock => Frequency.Pit.CountAt(_clock.Now);

    private void DriveIrq0()
    {
        ulong clock = Clock;
        ref Counter counter = ref S.Counters[0];
        _irq0.Set(Out(ref counter, clock));
        ulong next = NextChange(ref counter, clock);
        _events.Schedule(_slot, next == ulong.MaxValue ? EventQueue.Never : Frequency.Pit.TickOf(next));
    }

    /// <summary>The three counters and port 61H.</summary>
    public struct State
    {
        public Counters Counters;
        public byte Speaker;
        public byte Reserved0, Reserved1, Reserved2;
        public uint Reserved3;
    }

    /// <summary>Counters 0 to 2.</summary>
    [System.Runtime.CompilerServices.InlineArray(CounterCount)]
    public struct Counters
    {
        private Counter _element;
    }

    /// <summary>One counter. Clocks are counted from power-on at 1.193182 MHz.</summary>
    public struct Counter
    {
        /// <summary>The clock at which the counting element was loaded.</summary>
        public ulong Start;

        /// <summary>Clocks counted when the gate stopped the counter; valid while <see cref="Running"/> is 0.</summary>
        public ulong Elapsed;

        /// <summary>The clock at which <see cref="NextCount"/> replaces <see cref="Count"/>; valid while that is not 0.</summary>
        public ulong SwitchAt;

        /// <summary>The initial count, 1 to 65536 (0 written is stored as the maximum), and one that waits for the period to end.</summary>
        public uint Count, NextCount;

        /// <summary>What the latch commands caught.</summary>
        public ushort CountLatch;
        public byte StatusLatch, CountLatched, StatusLatched;

        /// <summary>Mode 0-5, BCD, and the RW field of the control word (1 low, 2 high, 3 low then high).</summary>
        public byte Mode, Bcd, Access;

        /// <summary>The low byte waits for its high byte; the next read gives the high byte.</summary>
        public byte LowByte, WriteHigh, ReadHigh;

        /// <summary>The gate input; counting; a count was written since the control word; status bit 6.</summary>
        public byte Gate, Running, Loaded, NullCount;
        public byte Reserved;
    }
}
