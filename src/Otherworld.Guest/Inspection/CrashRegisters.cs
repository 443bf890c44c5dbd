using System.Runtime.InteropServices;
using Emu.X86.State;

namespace Otherworld.Guest.Inspection;

/// <summary>The registers a dump shows: those of the processor, or those a dying kernel left behind. Little is known of the latter's segments.</summary>
public sealed record CrashRegisters
{
    /// <summary>In the order of <see cref="GeneralRegister"/>: RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8 to R15.</summary>
    public required IReadOnlyList<ulong> General { get; init; }

    /// <summary>The instruction it stood at.</summary>
    public required ulong Rip { get; init; }

    /// <summary>RFLAGS.</summary>
    public required ulong Rflags { get; init; }

    /// <summary>CS, SS, DS, ES, FS, GS: selectors; zero where not known.</summary>
    public required IReadOnlyList<ushort> Selectors { get; init; }

    /// <summary>Base of FS.</summary>
    public required ulong FsBase { get; init; }

    /// <summary>Base of GS.</summary>
    public required ulong GsBase { get; init; }

    /// <summary>The address of the last page fault.</summary>
    public required ulong Cr2 { get; init; }

    /// <summary>The page tables in force.</summary>
    public required ulong Cr3 { get; init; }

    /// <summary>struct pt_regs (arch/x86/include/asm/ptrace.h): place of each register, in words, in the order of <see cref="General"/>.</summary>
    private static readonly int[] ExceptionFrame = [10, 11, 12, 5, 19, 4, 13, 14, 9, 8, 7, 6, 3, 2, 1, 0];

    /// <summary>RSP.</summary>
    public ulong Rsp => General[(int)GeneralRegister.Rsp];

    /// <summary>RBP.</summary>
    public ulong Rbp => General[(int)GeneralRegister.Rbp];

    /// <summary>What the processor has now.</summary>
    /// <param name="bytes">A <see cref="CpuState"/>.</param>
    public static CrashRegisters Of(byte[] bytes)
    {
        ref CpuState state = ref MemoryMarshal.AsRef<CpuState>(bytes.AsSpan());
        CpuState.SegmentFile segments = state.Segments;
        return new CrashRegisters
        {
            General = state.Registers().ToArray(),
            Rip = state.Rip,
            Rflags = state.Rflags,
            Selectors = [.. new[] { SegmentIndex.Cs, SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Es, SegmentIndex.Fs, SegmentIndex.Gs }.Select(index => segments[(int)index].Selector)],
            FsBase = segments[(int)SegmentIndex.Fs].Base,
            GsBase = segments[(int)SegmentIndex.Gs].Base,
            Cr2 = state.Cr2,
            Cr3 = state.Cr3,
        };
    }

    /// <summary>What the kernel saves when it is entered: struct pt_regs.</summary>
    /// <param name="frame">Its 168 bytes.</param>
    public static CrashRegisters OfExceptionFrame(byte[] frame)
    {
        return new CrashRegisters
        {
            General = [.. ExceptionFrame.Select(Word)],
            Rip = Word(16),
            Rflags = Word(18),
            Selectors = [(ushort)Word(17), (ushort)Word(20), 0, 0, 0, 0],
            FsBase = 0,
            GsBase = 0,
            Cr2 = 0,
            Cr3 = 0,
        };

        ulong Word(int word) => BitConverter.ToUInt64(frame, word * 8);
    }
}
