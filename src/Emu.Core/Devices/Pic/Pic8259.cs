using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.State;

namespace Emu.Core.Devices.Pic;

/// <summary>
/// Two 8259A interrupt controllers, the second cascaded on IR2 of the first, with the PC's edge/level control registers. Ports 20H-21H,
/// A0H-A1H, 4D0H-4D1H. The names are those of the 8259A data sheet (Intel 231468) and of the 82093/PIIX for ELCR.
/// </summary>
/// <remarks>
/// The acknowledge cycle happens when the processor takes the interrupt, at that very tick. An IR input that falls before it withdraws the
/// request; if none is left then, the master answers with IR7, as the chip does.
/// </remarks>
public sealed partial class Pic8259 : Device<Pic8259.State>, IPortHandler
{
    private const int CascadeInput = 2;
    private const int SpuriousInput = 7;

    private readonly IIrqLine _intr;

    /// <param name="intr">The master's INT output.</param>
    public Pic8259(IIrqLine intr)
        : base("pic")
    {
        _intr = intr;
        Reset();
    }

    /// <summary>The master's INT output.</summary>
    public bool Intr => S.Master.Int != 0;

    /// <summary>Drives one of the sixteen inputs; input 2 is the cascade and cannot be driven.</summary>
    public void SetInput(int irq, bool level)
    {
        if (irq == CascadeInput || (uint)irq >= 16)
            return;
        ref Chip chip = ref irq < 8 ? ref S.Master : ref S.Slave;
        Drive(ref chip, irq & 7, level);
        Update();
    }

    /// <summary>The processor's acknowledge cycle: two INTA pulses.</summary>
    /// <returns>The vector; the spurious one (IR7) when no request is left.</returns>
    public byte Acknowledge()
    {
        byte vector;
        int input = Requested(S.Master);
        if (input < 0)
        {
            vector = (byte)(S.Master.Icw2 + SpuriousInput);
        }
        else if (input == CascadeInput && (S.Master.Icw1 & Icw1Single) == 0)
        {
            int slaveInput = Requested(S.Slave);
            TakeIn(ref S.Master, CascadeInput);
            if (slaveInput >= 0)
                TakeIn(ref S.Slave, slaveInput);
            vector = (byte)(S.Slave.Icw2 + (slaveInput >= 0 ? slaveInput : SpuriousInput));
        }
        else
        {
            TakeIn(ref S.Master, input);
            vector = (byte)(S.Master.Icw2 + input);
        }

        Update();
        return vector;
    }

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports)
    {
        ports.Register(0x20, 2, AccessWidths.Byte, this);
        ports.Register(0xA0, 2, AccessWidths.Byte, this);
        ports.Register(0x4D0, 2, AccessWidths.Byte, this);
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size)
    {
        if (port is 0x4D0)
            return S.Master.Elcr;
        if (port is 0x4D1)
            return S.Slave.Elcr;
        uint value = ReadChip(ref port < 0x80 ? ref S.Master : ref S.Slave, (port & 1) != 0);
        Update();
        return value;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        if (port is 0x4D0)
            S.Master.Elcr = (byte)(value & 0xF8); // IRQ 0, 1 and 2 are always edge triggered
        else if (port is 0x4D1)
            S.Slave.Elcr = (byte)(value & 0xDE);  // and so are IRQ 8 and 13
        else
            WriteChip(ref port < 0x80 ? ref S.Master : ref S.Slave, (port & 1) != 0, (byte)value);
        Update();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.Slave.IsSlave = 1;
        S.Master.Imr = S.Slave.Imr = 0xFF; // undefined in the data sheet; firmware leaves them masked
        _intr.Set(false);
    }

    private static void Drive(ref Chip chip, int input, bool level)
    {
        byte bit = (byte)(1 << input);
        bool was = (chip.Lines & bit) != 0;
        chip.Lines = (byte)(level ? chip.Lines | bit : chip.Lines & ~bit);
        if ((chip.Elcr & bit) != 0 || (chip.Icw1 & Icw1Level) != 0)
            chip.Irr = (byte)(level ? chip.Irr | bit : chip.Irr & ~bit);
        else if (level && !was)
            chip.Irr |= bit;
        else if (!level)
            chip.Irr &= (byte)~bit;
    }

    private static void TakeIn(ref Chip chip, int input)
    {
        byte bit = (byte)(1 << input);
        if ((chip.Elcr & bit) == 0 && (chip.Icw1 & Icw1Level) == 0)
            chip.Irr &= (byte)~bit;
        if ((chip.Icw4 & Icw4AutoEoi) == 0)
            chip.Isr |= bit;
        else if (chip.RotateOnAutoEoi != 0)
            chip.Lowest = (byte)input;
    }

    /// <summary>The input whose request INT stands for, or -1. Fully nested, special mask, and special fully nested mode (data sheet, 'Interrupt sequence').</summary>
    private static int Requested(in Chip chip)
    {
        int requests = chip.Irr & ~chip.Imr;
        if (requests == 0)
            return -1;
        int blocking = chip.SpecialMask != 0 ? chip.Isr & ~chip.Imr : chip.Isr;
        if ((chip.Icw4 & Icw4SpecialFullyNested) != 0 && chip.IsSlave == 0)
            blocking &= ~(1 << CascadeInput);
        for (int i = 1; i <= 8; i++)
        {
            int input = (chip.Lowest + i) & 7;
            if ((blocking & (1 << input)) != 0)
                return -1;
            if ((requests & (1 << input)) != 0)
                return input;
        }

        return -1;
    }

    private void Update()
    {
        S.Slave.Int = (byte)(Requested(S.Slave) >= 0 ? 1 : 0);
        Drive(ref S.Master, CascadeInput, S.Slave.Int != 0);
        S.Master.Int = (byte)(Requested(S.Master) >= 0 ? 1 : 0);
        _intr.Set(S.Master.Int != 0);
    }

    /// <summary>Both chips.</summary>
    public struct State
    {
        public Chip Master, Slave;
    }

    /// <summary>One 8259A.</summary>
    public struct Chip
    {
        /// <summary>Interrupt request, in-service and mask registers.</summary>
        public byte Irr, Isr, Imr;

        /// <summary>Levels of the inputs.</summary>
        public byte Lines;

        /// <summary>Edge/level control: a set bit makes the input level triggered.</summary>
        public byte Elcr;

        /// <summary>Initialisation command words.</summary>
        public byte Icw1, Icw2, Icw3, Icw4;

        /// <summary>The initialisation word expected next at the odd port (2, 3, 4), or 0.</summary>
        public byte Expected;

        /// <summary>One more than the input with the lowest priority, modulo 8: 0 after initialisation, when IR7 is lowest.</summary>
        public byte LowestPlusOne;

        /// <summary>OCW3: reads of the even port give ISR, the next read polls, special mask mode.</summary>
        public byte ReadIsr, Poll, SpecialMask;

        /// <summary>OCW2: automatic EOI rotates.</summary>
        public byte RotateOnAutoEoi;

        /// <summary>The INT output, and which of the two this is.</summary>
        public byte Int, IsSlave;

        /// <summary>The input with the lowest priority.</summary>
        public byte Lowest
        {
            readonly get => (byte)((LowestPlusOne + 7) & 7);
            set => LowestPlusOne = (byte)((value + 1) & 7);
        }
    }
}
