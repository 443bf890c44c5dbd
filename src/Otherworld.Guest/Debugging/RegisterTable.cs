using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emu.X86.State;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Debugging;

/// <summary>
/// All registers in the order of the target description, which is that of the <c>g</c> packet. They are those of a 64-bit processor whatever its
/// mode is, so that their sizes never change in a session.
/// </summary>
internal static class RegisterTable
{
    /// <summary>Features, in the order in which gdb wants them.</summary>
    public const string Core = "org.gnu.gdb.i386.core";

    /// <inheritdoc cref="Core"/>
    public const string Sse = "org.gnu.gdb.i386.sse";

    /// <inheritdoc cref="Core"/>
    public const string Segments = "org.gnu.gdb.i386.segments";

    /// <summary>What gdb has no feature for.</summary>
    public const string System = "org.otherworld.system";

    /// <summary>The table.</summary>
    public static IReadOnlyList<RegisterEntry> All { get; } = [.. General(), .. Floating(), .. Vectors(), .. SystemRegisters()];

    private delegate ref T Field<T>(ref CpuState state)
        where T : unmanaged;

    private static IEnumerable<RegisterEntry> General()
    {
        GeneralRegister[] order =
        [
            GeneralRegister.Rax, GeneralRegister.Rbx, GeneralRegister.Rcx, GeneralRegister.Rdx, GeneralRegister.Rsi, GeneralRegister.Rdi, GeneralRegister.Rbp, GeneralRegister.Rsp,
            GeneralRegister.R8, GeneralRegister.R9, GeneralRegister.R10, GeneralRegister.R11, GeneralRegister.R12, GeneralRegister.R13, GeneralRegister.R14, GeneralRegister.R15,
        ];
        foreach (GeneralRegister register in order)
        {
            string type = register is GeneralRegister.Rbp or GeneralRegister.Rsp ? "data_ptr" : "int64";
            yield return Value(Core, register.ToString().ToLowerInvariant(), type, (ref CpuState state) => ref state.Registers()[(int)register], (int)register);
        }

        yield return Value(Core, "rip", "code_ptr", (ref CpuState state) => ref state.Rip, PatchableRegister.Rip);
        yield return new RegisterEntry(Core, "eflags", 32, "rflags", (guest, value) => Put(value, (uint)guest.Processor.State.Rflags), _ => PatchableRegister.Rflags);
        foreach (SegmentIndex segment in (SegmentIndex[])[SegmentIndex.Cs, SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Es, SegmentIndex.Fs, SegmentIndex.Gs])
            yield return Word(Core, segment.ToString().ToLowerInvariant(), state => state.Segments[(int)segment].Selector);
    }

    private static IEnumerable<RegisterEntry> Floating()
    {
        for (int i = 0; i < 8; i++)
        {
            int number = i;
            yield return new RegisterEntry(Core, $"st{i}", 80, "i387_ext", (guest, value) => MemoryMarshal.AsBytes(guest.Processor.State.X87Registers()).Slice(Physical(guest, number) * 16, 10).CopyTo(value), guest => PatchableRegister.X87Low + (2 * Physical(guest, number)));
        }

        yield return Word(Core, "fctrl", state => state.Fcw);
        yield return Word(Core, "fstat", state => state.Fsw);
        yield return Word(Core, "ftag", state => state.Ftw);
        yield return Word(Core, "fiseg", state => (uint)(state.Fip >> 32));
        yield return Word(Core, "fioff", state => (uint)state.Fip);
        yield return Word(Core, "foseg", state => (uint)(state.Fdp >> 32));
        yield return Word(Core, "fooff", state => (uint)state.Fdp);
        yield return Word(Core, "fop", state => state.Fop);
    }

    private static IEnumerable<RegisterEntry> Vectors()
    {
        for (int i = 0; i < 16; i++)
        {
            int number = i;
            yield return new RegisterEntry(Sse, $"xmm{i}", 128, "vec128", (guest, value) => MemoryMarshal.AsBytes(guest.Processor.State.XmmRegisters()).Slice(number * 16, 16).CopyTo(value), _ => PatchableRegister.Xmm0Low + (2 * number));
        }

        yield return Value(Sse, "mxcsr", "i386_mxcsr", (ref CpuState state) => ref state.Mxcsr);
    }

    private static IEnumerable<RegisterEntry> SystemRegisters()
    {
        yield return Value(Segments, "fs_base", "int64", (ref CpuState state) => ref state.Segments[(int)SegmentIndex.Fs].Base, PatchableRegister.FsBase);
        yield return Value(Segments, "gs_base", "int64", (ref CpuState state) => ref state.Segments[(int)SegmentIndex.Gs].Base, PatchableRegister.GsBase);
        yield return Value(System, "k_gs_base", "int64", (ref CpuState state) => ref state.KernelGsBase, PatchableRegister.KernelGsBase);
        yield return Value(System, "cr0", "x86_cr0", (ref CpuState state) => ref state.Cr0);
        yield return Value(System, "cr2", "data_ptr", (ref CpuState state) => ref state.Cr2, PatchableRegister.Cr2);
        yield return Value(System, "cr3", "int64", (ref CpuState state) => ref state.Cr3);
        yield return Value(System, "cr4", "x86_cr4", (ref CpuState state) => ref state.Cr4);
        yield return Long("cr8", "int64", guest => guest.Machine.Lapic.TaskPriority);
        yield return Value(System, "efer", "x86_efer", (ref CpuState state) => ref state.Efer);
        yield return Value(System, "star", "int64", (ref CpuState state) => ref state.Star);
        yield return Value(System, "lstar", "code_ptr", (ref CpuState state) => ref state.Lstar);
        yield return Value(System, "cstar", "code_ptr", (ref CpuState state) => ref state.Cstar);
        yield return Value(System, "fmask", "int64", (ref CpuState state) => ref state.Sfmask);
        yield return Value(System, "cs_base", "int64", (ref CpuState state) => ref state.Segments[(int)SegmentIndex.Cs].Base);
        yield return Value(System, "gdtr", "data_ptr", (ref CpuState state) => ref state.Gdtr.Base);
        yield return Value(System, "idtr", "data_ptr", (ref CpuState state) => ref state.Idtr.Base);
        yield return Value(System, "tr", "data_ptr", (ref CpuState state) => ref state.Segments[(int)SegmentIndex.Tr].Base);
        yield return Value(System, "dr6", "int64", (ref CpuState state) => ref state.Dr6);
        yield return Value(System, "dr7", "int64", (ref CpuState state) => ref state.Dr7);
        yield return Value(System, "icount", "uint64", (ref CpuState state) => ref state.InstructionCount);
        yield return Long("vtime_ns", "uint64", guest => guest.Machine.Clock.Now);
    }

    private static RegisterEntry Value<T>(string feature, string name, string type, Field<T> field, int? patch = null)
        where T : unmanaged => new(
            feature,
            name,
            8 * Marshal.SizeOf<T>(),
            type,
            (guest, value) => MemoryMarshal.Write(value, in field(ref guest.Processor.State)),
            patch is { } number ? _ => number : null);

    private static RegisterEntry Word(string feature, string name, Func<CpuState, uint> read) =>
        new(feature, name, 32, "int32", (guest, value) => Put(value, read(guest.Processor.State)));

    private static RegisterEntry Long(string name, string type, Func<GuestMachine, ulong> read) =>
        new(System, name, 64, type, (guest, value) => BinaryPrimitives.WriteUInt64LittleEndian(value, read(guest)));

    private static void Put(Span<byte> value, uint word) => BinaryPrimitives.WriteUInt32LittleEndian(value, word);

    /// <summary>Which of R0 to R7 ST(i) is: counted from TOP.</summary>
    private static int Physical(GuestMachine guest, int number) => ((guest.Processor.State.Fsw >> 11) + number) & 7;
}
