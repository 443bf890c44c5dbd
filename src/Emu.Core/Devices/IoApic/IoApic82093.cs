using System.Runtime.CompilerServices;
using Emu.Core.Bus;
using Emu.Core.Devices.Lapic;
using Emu.Core.State;

namespace Emu.Core.Devices.IoApic;

/// <summary>The 82093AA IO-APIC at FEC00000H: 24 pins, index and data window (Intel 290566). IRQ 0 of the ISA bus reaches pin 2, pin 0 nothing.</summary>
public sealed class IoApic82093 : Device<IoApic82093.State>, IMmioHandler
{
    /// <summary>Physical address of the register window.</summary>
    public const ulong BaseAddress = 0xFEC0_0000;

    /// <summary>Interrupt input pins.</summary>
    public const int PinCount = 24;

    /// <summary>The identification firmware would have given it.</summary>
    public const byte IoApicId = 1;

    private const ulong IndexOffset = 0x00, DataOffset = 0x10, EoiOffset = 0x40;
    private const uint Version = (PinCount - 1) << 16 | 0x20; // 20H: has an EOI register
    private const ulong Masked = 1 << 16, Level = 1 << 15, RemoteIrr = 1 << 14, ActiveLow = 1 << 13, Logical = 1 << 11;
    private const ulong Writable = 0xFF00_0000_0001_AFFF;

    private readonly LocalApic _lapic;

    /// <param name="lapic">Receives the messages.</param>
    public IoApic82093(LocalApic lapic)
        : base("ioapic")
    {
        _lapic = lapic;
        Reset();
    }

    /// <summary>Drives an ISA interrupt; IRQ 0 is wired to pin 2, and nothing to the cascade.</summary>
    public void SetInput(int irq, bool level)
    {
        if (irq != 2)
            SetPin(irq == 0 ? 2 : irq, level);
    }

    /// <summary>Drives a pin.</summary>
    public void SetPin(int pin, bool level)
    {
        uint bit = 1U << pin;
        bool was = (S.Pins & bit) != 0;
        if (was == level)
            return;
        S.Pins ^= bit;
        ref ulong entry = ref S.Redirection[pin];
        bool active = level != ((entry & ActiveLow) != 0);
        if ((entry & Level) == 0)
        {
            // An edge that arrives while the pin is masked is lost, as on the chip.
            if (active && (entry & Masked) == 0)
                Send(ref entry);
        }
        else
        {
            Service(pin);
        }
    }

    /// <summary>EOI of a level-triggered vector: its entries may fire again.</summary>
    public void EndOfInterrupt(byte vector)
    {
        for (int pin = 0; pin < PinCount; pin++)
        {
            ref ulong entry = ref S.Redirection[pin];
            if ((byte)entry != vector || (entry & (Level | RemoteIrr)) != (Level | RemoteIrr))
                continue;
            entry &= ~RemoteIrr;
            Service(pin);
        }
    }

    /// <summary>Sends again what a local APIC refused: level-triggered requests stay on the bus until accepted.</summary>
    public void Retry()
    {
        for (int pin = 0; pin < PinCount; pin++)
            Service(pin);
    }

    /// <summary>Claims the register window.</summary>
    public void Attach(MmioBus mmio) => mmio.Register(BaseAddress, 0x1000, AccessWidths.Dword, this);

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size) => offset switch
    {
        IndexOffset => S.Index,
        DataOffset => ReadRegister(S.Index),
        _ => 0,
    };

    /// <inheritdoc/>
    public void WriteMmio(ulong offset, int size, ulong value)
    {
        if (offset == IndexOffset)
            S.Index = (byte)value;
        else if (offset == DataOffset)
            WriteRegister(S.Index, (uint)value);
        else if (offset == EoiOffset)
            EndOfInterrupt((byte)value);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.Id = IoApicId;
        for (int pin = 0; pin < PinCount; pin++)
            S.Redirection[pin] = Masked;
    }

    private uint ReadRegister(int index)
    {
        if (index is 0 or 2)
            return (uint)S.Id << 24;
        if (index == 1)
            return Version;
        int pin = (index - 0x10) >> 1;
        if (index < 0x10 || pin >= PinCount)
            return 0;
        return (uint)(S.Redirection[pin] >> ((index & 1) * 32));
    }

    private void WriteRegister(int index, uint value)
    {
        if (index == 0)
            S.Id = (byte)(value >> 24 & 0x0F);
        int pin = (index - 0x10) >> 1;
        if (index < 0x10 || pin >= PinCount)
            return;
        ref ulong entry = ref S.Redirection[pin];
        int shift = (index & 1) * 32;
        ulong written = Writable & 0xFFFF_FFFFUL << shift;
        entry = (entry & ~written) | ((ulong)value << shift & written);
        if ((entry & Level) == 0)
            entry &= ~RemoteIrr; // an edge-triggered entry has no remote IRR; drivers use the change to clear it
        else
            Service(pin);
    }

    /// <summary>Sends what a level-triggered pin asks for.</summary>
    private void Service(int pin)
    {
        ref ulong entry = ref S.Redirection[pin];
        bool active = (S.Pins >> pin & 1) != 0 != ((entry & ActiveLow) != 0);
        if (active && (entry & (Level | RemoteIrr | Masked)) == Level && Send(ref entry))
            entry |= RemoteIrr;
    }

    private bool Send(ref ulong entry)
    {
        var mode = (DeliveryMode)(entry >> 8 & 7);
        return _lapic.Message((byte)(entry >> 56), (entry & Logical) != 0, mode, (byte)entry, (entry & Level) != 0);
    }

    /// <summary>The redirection table, the levels of the pins, the index register.</summary>
    public struct State
    {
        public RedirectionTable Redirection;
        public uint Pins;
        public byte Index, Id;
        public byte Reserved0, Reserved1;
    }

    /// <summary>One 64-bit entry per pin.</summary>
    [InlineArray(PinCount)]
    public struct RedirectionTable
    {
        private ulong _element;
    }
}
