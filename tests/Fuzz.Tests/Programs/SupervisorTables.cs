using System.Buffers.Binary;

namespace Fuzz.Tests.Programs;

/// <summary>
/// What the handlers work with, as one block of memory: a counter and a log of exceptions, and for each next exception where to go on and with
/// which flags, stack, privilege, control words and registers.
/// </summary>
internal sealed class SupervisorTables
{
    public const int Count = 0;
    public const int Timer = 8;
    public const int Log = 0x100;
    public const int LogEntries = 64;
    public const int Resume = 0x1000;
    public const int Resumes = 256;
    public const int Flags = 0x1800;
    public const int Stacks = 0x1A00;
    public const int Selectors = 0x1C00;
    public const int Mxcsr = 0x1E00;
    public const int Fcw = 0x1F00;
    public const int Turns = 64;
    public const int Pool = 0x2000;
    public const int PoolValues = 64;
    public const int Vectors = 0x2400;
    public const int VectorValues = 48;
    public const int Size = 0x3000;

    private readonly byte[] _bytes = new byte[Size];

    /// <param name="dice">Draws everything.</param>
    /// <param name="starts">Addresses of the program's instructions.</param>
    public SupervisorTables(Dice dice, IReadOnlyList<ulong> starts)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(Timer), dice.Bits() | 1);
        for (int i = 0; i < Resumes; i++)
            Put64(Resume, i, starts[dice.Below(starts.Count)]);
        bool kernel = dice.Chance(50);
        for (int i = 0; i < Turns; i++)
        {
            bool user = dice.Chance(kernel ? 20 : 85);
            Put64(Flags, i, FlagsOf(dice, user));
            Put64(Stacks, i, ProgramValues.StackPointer(dice));
            ulong code = user ? (dice.Chance(8) ? ProgramLayout.UserCode32 : ProgramLayout.UserCode) : ProgramLayout.KernelCode;
            Put64(Selectors, i, code | ((ulong)(user ? ProgramLayout.UserData : ProgramLayout.KernelData) << 32));
            BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(Mxcsr + (4 * i)), MxcsrOf(dice));
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(Fcw + (2 * i)), FcwOf(dice));
        }

        for (int i = 0; i < PoolValues; i++)
            Put64(Pool, i, ProgramValues.Register(dice));
        for (int i = 0; i < VectorValues * 2; i++)
            Put64(Vectors, i, ProgramValues.VectorHalf(dice));
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    private static ulong FlagsOf(Dice dice, bool user)
    {
        const ulong status = 0x8D5;
        ulong flags = (dice.Bits() & status) | 2;
        if (user || dice.Chance(80))
            flags |= 1 << 9;
        if (dice.Chance(15))
            flags |= 1 << 10;
        if (dice.Chance(4))
            flags |= 1 << 8;
        if (dice.Chance(15))
            flags |= 1 << 18;
        return flags;
    }

    /// <summary>All roundings, flush-to-zero, denormals-are-zero; now and then unmasked exceptions.</summary>
    private static uint MxcsrOf(Dice dice)
    {
        uint value = 0x1F80 | ((uint)dice.Below(4) << 13);
        if (dice.Chance(20))
            value |= 1 << 15;
        if (dice.Chance(20))
            value |= 1 << 6;
        if (dice.Chance(25))
            value &= ~((uint)dice.Below(64) << 7);
        return value;
    }

    private static ushort FcwOf(Dice dice)
    {
        uint value = 0x7F | ((uint)dice.Pick<int>(0, 2, 3) << 8) | ((uint)dice.Below(4) << 10);
        return (ushort)(dice.Chance(25) ? value & ~(uint)dice.Below(64) : value);
    }

    private void Put64(int table, int index, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(table + (8 * index)), value);
}
