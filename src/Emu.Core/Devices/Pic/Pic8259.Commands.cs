namespace Emu.Core.Devices.Pic;

/// <summary>Initialisation and operation command words.</summary>
public sealed partial class Pic8259
{
    private const byte Icw1Marker = 0x10;
    private const byte Icw1NeedsIcw4 = 0x01;
    private const byte Icw1Single = 0x02;
    private const byte Icw1Level = 0x08;
    private const byte Icw4AutoEoi = 0x02;
    private const byte Icw4SpecialFullyNested = 0x10;
    private const byte Ocw3Marker = 0x08;

    private static uint ReadChip(ref Chip chip, bool odd)
    {
        if (chip.Poll != 0)
        {
            // The poll command: the read acts as an acknowledge and gives the input with bit 7 set.
            chip.Poll = 0;
            int input = Requested(chip);
            if (input < 0)
                return SpuriousInput;
            TakeIn(ref chip, input);
            return 0x80u | (uint)input;
        }

        if (odd)
            return chip.Imr;
        return chip.ReadIsr != 0 ? chip.Isr : chip.Irr;
    }

    private static void WriteChip(ref Chip chip, bool odd, byte value)
    {
        if (odd)
            WriteOdd(ref chip, value);
        else if ((value & Icw1Marker) != 0)
            Initialise(ref chip, value);
        else if ((value & Ocw3Marker) != 0)
            WriteOcw3(ref chip, value);
        else
            WriteOcw2(ref chip, value);
    }

    private static void Initialise(ref Chip chip, byte icw1)
    {
        // Data sheet, 'ICW1': the edge sense circuit is reset, IMR is cleared, IR7 gets priority 7, special mask is cleared, status read is IRR.
        chip.Icw1 = icw1;
        chip.Imr = 0;
        chip.Isr = 0;
        chip.Irr = (byte)((icw1 & Icw1Level) != 0 ? chip.Lines : chip.Lines & chip.Elcr);
        chip.LowestPlusOne = 0;
        chip.SpecialMask = 0;
        chip.ReadIsr = 0;
        chip.Poll = 0;
        chip.RotateOnAutoEoi = 0;
        chip.Icw4 = 0;
        chip.Expected = 2;
    }

    private static void WriteOdd(ref Chip chip, byte value)
    {
        switch (chip.Expected)
        {
            case 2:
                chip.Icw2 = (byte)(value & 0xF8);
                chip.Expected = (byte)((chip.Icw1 & Icw1Single) == 0 ? 3 : AfterIcw3(chip));
                break;
            case 3:
                chip.Icw3 = value;
                chip.Expected = (byte)AfterIcw3(chip);
                break;
            case 4:
                chip.Icw4 = value;
                chip.Expected = 0;
                break;
            default:
                chip.Imr = value; // OCW1
                break;
        }
    }

    private static int AfterIcw3(in Chip chip) => (chip.Icw1 & Icw1NeedsIcw4) != 0 ? 4 : 0;

    private static void WriteOcw3(ref Chip chip, byte value)
    {
        if ((value & 0x40) != 0)
            chip.SpecialMask = (byte)((value >> 5) & 1);
        if ((value & 0x04) != 0)
            chip.Poll = 1;
        else if ((value & 0x02) != 0)
            chip.ReadIsr = (byte)(value & 1);
    }

    private static void WriteOcw2(ref Chip chip, byte value)
    {
        int level = value & 7;
        switch (value >> 5)
        {
            case 0: // rotate in automatic EOI mode: clear
                chip.RotateOnAutoEoi = 0;
                break;
            case 1: // non-specific EOI
                EndHighest(ref chip, rotate: false);
                break;
            case 3: // specific EOI
                chip.Isr &= (byte)~(1 << level);
                break;
            case 4: // rotate in automatic EOI mode: set
                chip.RotateOnAutoEoi = 1;
                break;
            case 5: // rotate on non-specific EOI
                EndHighest(ref chip, rotate: true);
                break;
            case 6: // set priority
                chip.Lowest = (byte)level;
                break;
            case 7: // rotate on specific EOI
                chip.Isr &= (byte)~(1 << level);
                chip.Lowest = (byte)level;
                break;
            default: // no operation
                break;
        }
    }

    private static void EndHighest(ref Chip chip, bool rotate)
    {
        for (int i = 1; i <= 8; i++)
        {
            int input = (chip.Lowest + i) & 7;
            // In special mask mode a masked bit is not cleared by a non-specific EOI (data sheet, 'EOI').
            bool shown = chip.SpecialMask == 0 || (chip.Imr & (1 << input)) == 0;
            if (!shown || (chip.Isr & (1 << input)) == 0)
                continue;
            chip.Isr &= (byte)~(1 << input);
            if (rotate)
                chip.Lowest = (byte)input;
            return;
        }
    }
}
