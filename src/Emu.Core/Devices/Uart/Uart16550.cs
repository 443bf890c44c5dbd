using System.Runtime.CompilerServices;
using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Uart;

/// <summary>One serial port: a PC16550D with its FIFOs. The names are those of the data sheet (National PC16550D).</summary>
/// <remarks>
/// <para>Transmission takes no time: a byte written to THR is with the sink in the same tick, THRE and TEMT are always set, and the THRE
/// interrupt is raised by the write itself. So a console byte costs the guest one OUT and one IN, and a burst of output one interrupt.</para>
/// <para>Reception takes the time the divisor says: bytes injected from outside wait on the line, a queue that is part of the state, and enter
/// the FIFO one character time apart, never while it is full, so that a slow guest loses nothing, and only while the guest listens
/// (<see cref="Listening"/>), so that nothing is lost to a driver that clears the FIFO when it starts. The
/// character-timeout interrupt comes four character times after the last byte entered or was read.</para>
/// <para>The other end is always connected: CTS, DSR and DCD are asserted. INTRPT reaches the bus only while OUT2 is set, as on a PC.</para>
/// </remarks>
public sealed partial class Uart16550 : Device<Uart16550.State>, IPortHandler, ITimedDevice
{
    /// <summary>Bytes that may wait on the line.</summary>
    public const int LineCapacity = 4096;

    private const int FifoSize = 16;
    private const int ReceiveTimer = 0;
    private const int TimeoutTimer = 1;

    private readonly MachineClock _clock;
    private readonly EventQueue _events;
    private readonly IIrqLine _irq;
    private readonly IByteSink _sink;
    private readonly ushort _base;
    private readonly int _receiveSlot;
    private readonly int _timeoutSlot;

    /// <param name="id">Section name, <c>uart0</c> to <c>uart3</c>.</param>
    /// <param name="basePort">First of eight ports.</param>
    /// <param name="clock">The machine's time.</param>
    /// <param name="events">Where reception and its timeout are scheduled.</param>
    /// <param name="irq">INTRPT behind OUT2.</param>
    /// <param name="sink">Where transmitted bytes go.</param>
    public Uart16550(string id, ushort basePort, MachineClock clock, EventQueue events, IIrqLine irq, IByteSink sink)
        : base(id)
    {
        _base = basePort;
        _clock = clock;
        _events = events;
        _irq = irq;
        _sink = sink;
        _receiveSlot = events.Register(this, ReceiveTimer);
        _timeoutSlot = events.Register(this, TimeoutTimer);
        Reset();
    }

    /// <summary>Bytes that can still be put on the line.</summary>
    public int LineRoom => LineCapacity - S.LineCount;

    /// <summary>Bytes that wait on the line or in the FIFO.</summary>
    public int Waiting => S.LineCount + S.RxCount;

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports) => ports.Register(_base, 8, AccessWidths.Byte, this);

    /// <summary>Puts bytes on the line, as if sent by the other end now.</summary>
    /// <returns>How many found room.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, LineRoom);
        for (int i = 0; i < count; i++)
            S.Line[(S.LineHead + S.LineCount + i) % LineCapacity] = bytes[i];
        S.LineCount += (ushort)count;
        ScheduleReception();
        return count;
    }

    /// <inheritdoc/>
    public void OnTimer(int timer)
    {
        if (timer == TimeoutTimer)
        {
            S.TimeoutPending = (byte)(S.RxCount > 0 ? 1 : 0);
        }
        else if (S.LineCount > 0 && S.RxCount < FifoDepth && Listening)
        {
            byte value = S.Line[S.LineHead];
            S.LineHead = (ushort)((S.LineHead + 1) % LineCapacity);
            S.LineCount--;
            Enter(value, 0);
            ScheduleReception();
        }

        UpdateInterrupt();
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size)
    {
        uint value = ReadRegister(port - _base);
        UpdateInterrupt();
        return value;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        WriteRegister(port - _base, (byte)value);
        UpdateInterrupt();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.Divisor = 12; // 9600 baud; undefined in the data sheet
        S.ThrePending = 1;
        S.Msr = ConnectedLines;
        _events.Cancel(_receiveSlot);
        _events.Cancel(_timeoutSlot);
        _irq.Set(false);
    }

    private int FifoDepth => FifoEnabled ? FifoSize : 1;

    private bool FifoEnabled => (S.Fcr & FcrEnable) != 0;

    /// <summary>
    /// The other end may send. RTS says so; DTR without RTS says not (Linux: the port of a console nobody has opened, or a reader that is behind with
    /// <c>crtscts</c>). A program that programs neither listens when it wants the interrupt or has looked for data.
    /// </summary>
    private bool Listening => (S.Mcr & McrRts) != 0 || ((S.Mcr & McrDtr) == 0 && ((S.Ier & IerReceived) != 0 || S.Polled != 0));

    private bool Loopback => (S.Mcr & McrLoop) != 0;

    /// <summary>Ticks one character takes on the line: start, data, parity and stop bits, sixteen clocks of 1.8432 MHz / divisor each.</summary>
    private ulong CharacterTicks
    {
        get
        {
            uint bits = 1u + 5u + (S.Lcr & 3u) + ((S.Lcr & LcrParity) != 0 ? 1u : 0u) + ((S.Lcr & LcrTwoStopBits) != 0 ? 2u : 1u);
            return bits * Math.Max(S.Divisor, (ushort)1) * 16 * MachineClock.TicksPerSecond / 1_843_200;
        }
    }

    /// <summary>A byte enters the receiver, with its error bits as LSR shows them. In loop-back nobody holds it off, so it may overrun.</summary>
    private void Enter(byte value, byte errors)
    {
        if (S.RxCount == FifoDepth)
        {
            S.Overrun = 1;
            if (!FifoEnabled)
                S.Rx[S.RxHead] = value; // without FIFO the old character is lost, with FIFO the new one
            return;
        }

        int slot = (S.RxHead + S.RxCount) % FifoSize;
        S.Rx[slot] = value;
        S.RxErrors[slot] = errors;
        S.RxCount++;
        RestartTimeout();
    }

    private void RestartTimeout()
    {
        S.TimeoutPending = 0;
        if (FifoEnabled && S.RxCount > 0)
            _events.Schedule(_timeoutSlot, _clock.Now + 4 * CharacterTicks);
        else
            _events.Cancel(_timeoutSlot);
    }

    private void ScheduleReception()
    {
        if (S.LineCount > 0 && S.RxCount < FifoDepth && Listening && !Loopback)
        {
            if (_events.ScheduledAt(_receiveSlot) == EventQueue.Never)
                _events.Schedule(_receiveSlot, _clock.Now + CharacterTicks);
        }
        else
        {
            _events.Cancel(_receiveSlot);
        }
    }

    /// <summary>The registers, the receiver FIFO and the line before it.</summary>
    public struct State
    {
        public Fifo Rx, RxErrors;
        public LineBuffer Line;
        public ushort LineHead, LineCount;
        public ushort Divisor;
        public byte RxHead, RxCount;
        public byte Ier, Fcr, Lcr, Mcr, Msr, Scratch;

        /// <summary>LSR bit 1; the latched THRE and character-timeout interrupts; the INTRPT pin behind OUT2.</summary>
        public byte Overrun, ThrePending, TimeoutPending, Interrupt;

        /// <summary>LSR was read while MCR asked for neither DTR nor RTS.</summary>
        public byte Polled;
        public byte Reserved0;
        public uint Reserved1;
    }

    /// <summary>The receiver FIFO.</summary>
    [InlineArray(FifoSize)]
    public struct Fifo
    {
        private byte _element;
    }

    /// <summary>Bytes sent by the other end that have not arrived.</summary>
    [InlineArray(LineCapacity)]
    public struct LineBuffer
    {
        private byte _element;
    }
}
