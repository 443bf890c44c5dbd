using System.Runtime.CompilerServices;
using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Rtc;

/// <summary>
/// The MC146818 real-time clock and its CMOS memory at ports 70H and 71H (Motorola MC146818A data sheet; PC additions: century at 32H, memory
/// sizes). It starts at a fixed epoch and counts the machine's seconds. IRQ 8.
/// </summary>
/// <remarks>The clock is computed when somebody looks; seconds and periodic edges are events only while their interrupts are enabled. Bit 7 of
/// port 70H (NMI mask) is kept and masks nothing. The alarm flag is set only while its interrupt is enabled.</remarks>
public sealed partial class Rtc146818 : Device<Rtc146818.State>, IPortHandler, ITimedDevice
{
    private const ushort IndexPort = 0x70, DataPort = 0x71;
    private const int SecondTimer = 0, PeriodicTimer = 1;
    private const ulong UpdateInProgressTicks = 244_141; // UIP rises 244 us before the update

    private readonly MachineClock _clock;
    private readonly EventQueue _events;
    private readonly IIrqLine _irq8;
    private readonly long _epoch;
    private readonly ulong _memorySize;
    private readonly int _secondSlot;
    private readonly int _periodicSlot;

    /// <param name="clock">The machine's time.</param>
    /// <param name="events">Where its interrupts are scheduled.</param>
    /// <param name="irq8">Its interrupt.</param>
    /// <param name="epoch">What it shows at tick 0, in seconds since 1970.</param>
    /// <param name="memorySize">Bytes of RAM, for the sizes in CMOS.</param>
    public Rtc146818(MachineClock clock, EventQueue events, IIrqLine irq8, long epoch, ulong memorySize)
        : base("rtc")
    {
        _clock = clock;
        _events = events;
        _irq8 = irq8;
        _epoch = epoch;
        _memorySize = memorySize;
        _secondSlot = events.Register(this, SecondTimer);
        _periodicSlot = events.Register(this, PeriodicTimer);
        Reset();
    }

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports) => ports.Register(IndexPort, 2, AccessWidths.Byte, this);

    /// <inheritdoc/>
    public void OnTimer(int timer)
    {
        if (timer == PeriodicTimer)
            S.Flags |= Periodic;
        else
            OnSecond();
        Update();
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size)
    {
        if (port == IndexPort)
            return 0xFF; // write only
        uint value = ReadRegister(S.Index & 0x7F);
        Update();
        return value;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        if (port == IndexPort)
        {
            S.Index = (byte)value;
            return;
        }

        WriteRegister(S.Index & 0x7F, (byte)value);
        Update();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.BaseSeconds = _epoch;
        S.BaseTick = _clock.Now;
        S.LastFlagsRead = _clock.Now;
        S.Cmos[RegisterA] = 0x26; // 32.768 kHz, 1024 Hz
        S.Cmos[RegisterB] = HourMode24;
        FillMemorySizes();
        _events.Cancel(_secondSlot);
        _events.Cancel(_periodicSlot);
        _irq8.Set(false);
    }

    private void FillMemorySizes()
    {
        ulong extendedKib = Math.Min((_memorySize >> 10) - 1024, 63 * 1024);
        ulong above16Mib = _memorySize > 16 << 20 ? Math.Min((Math.Min(_memorySize, Memory.GuestMemory.HoleStart) - (16 << 20)) >> 16, 0xFFFF) : 0;
        ulong above4Gib = _memorySize > Memory.GuestMemory.HoleStart ? (_memorySize - Memory.GuestMemory.HoleStart) >> 16 : 0;
        Word(0x15, 640);
        Word(0x17, extendedKib);
        Word(0x30, extendedKib);
        Word(0x34, above16Mib);
        Word(0x5B, above4Gib & 0xFFFF);
        S.Cmos[0x5D] = (byte)(above4Gib >> 16);
        S.Cmos[0x14] = 0x06; // equipment: coprocessor, pointing device port, no floppy
    }

    private void Word(int index, ulong value)
    {
        S.Cmos[index] = (byte)value;
        S.Cmos[index + 1] = (byte)(value >> 8);
    }

    /// <summary>The clock and the CMOS bytes. Time registers live in <see cref="Cmos"/> only while SET stops the clock.</summary>
    public struct State
    {
        /// <summary>Seconds since 1970 at <see cref="BaseTick"/>, a second boundary.</summary>
        public long BaseSeconds;
        public ulong BaseTick, LastFlagsRead;
        public CmosBytes Cmos;
        public byte Index, Flags;
        public byte Reserved0, Reserved1;
        public uint Reserved2;
    }

    /// <summary>Registers and battery-backed memory.</summary>
    [InlineArray(128)]
    public struct CmosBytes
    {
        private byte _element;
    }
}
