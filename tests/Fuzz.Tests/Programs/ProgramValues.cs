using static Fuzz.Tests.Programs.ProgramLayout;

namespace Fuzz.Tests.Programs;

/// <summary>Values that bring a program to where things happen: page edges, aliases, its own code, its page table, numbers at the ends of their ranges.</summary>
internal static class ProgramValues
{
    /// <summary>For a general register.</summary>
    public static ulong Register(Dice dice) => dice.Below(100) switch
    {
        < 40 => PageEdge(dice, Data, DataPages),
        < 60 => Data + (ulong)dice.Below(DataPages * (int)PageSize),
        < 65 => CodeArea + (ulong)dice.Below(0x2000),
        < 72 => StackPointer(dice),
        < 77 => Large + (ulong)dice.Below(0x20_0000),
        < 79 => TableWindow + (8 * (ulong)dice.Between(0x10, 0x30)),
        < 92 => Number(dice),
        < 99 => dice.Bits(),
        _ => 0x0000_8000_0000_0000 + (ulong)dice.Below(1 << 20) - (1 << 19),
    };

    /// <summary>Within 24 bytes of a page's end.</summary>
    public static ulong PageEdge(Dice dice, ulong area, int pages) => area + (PageSize * (ulong)dice.Between(0, pages)) + (ulong)(long)dice.Between(-24, 25);

    /// <summary>Mostly with room on both sides; sometimes at the edge of a stack whose neighbour is not there.</summary>
    public static ulong StackPointer(Dice dice)
    {
        ulong page = Stacks + (PageSize * (ulong)dice.Below(StackPages));
        return page + (ulong)dice.Below(10) switch
        {
            < 6 => (ulong)(0x400 + (8 * dice.Below(0x100))),
            < 8 => 8 * (ulong)dice.Below(3),
            8 => PageSize - (8 * (ulong)dice.Below(3)),
            _ => (ulong)dice.Below((int)PageSize),
        };
    }

    /// <summary>Small numbers, powers of two and their neighbours.</summary>
    public static ulong Number(Dice dice) => dice.Below(3) switch
    {
        0 => (ulong)(long)dice.Between(-20, 100),
        1 => (1UL << dice.Below(64)) + (ulong)(long)dice.Between(-1, 2),
        _ => dice.Bits() >> dice.Below(64),
    };

    /// <summary>Half of an XMM register: floating point of all kinds, or integers.</summary>
    public static ulong VectorHalf(Dice dice) => dice.Below(8) switch
    {
        0 => dice.Bits(),
        1 => BitConverter.DoubleToUInt64Bits(dice.Between(-1000, 1000)),
        2 => BitConverter.DoubleToUInt64Bits((dice.Below(1 << 24) - (1 << 23)) / 4096.0),
        3 => BitConverter.SingleToUInt32Bits(dice.Between(-50, 50) / 8f) | ((ulong)BitConverter.SingleToUInt32Bits(dice.Between(-1 << 20, 1 << 20)) << 32),
        4 => dice.Pick<ulong>(0, 1UL << 63, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x7FF0_0000_0000_0001, 1, 0x000F_FFFF_FFFF_FFFF),
        5 => dice.Pick<ulong>(0x7F80_0000, 0x7FC0_0000, 0x7F80_0001, 0x0080_0000, 0x7FFF_FF) | ((ulong)dice.Below(int.MaxValue) << 32),
        6 => ((ulong)dice.Between(0x3F0, 0x410) << 52) | (dice.Bits() >> 12),
        _ => Number(dice),
    };
}
