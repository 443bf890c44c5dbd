using Emu.X86.Semantics;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>Every row that can run outside a kernel, on random registers, flags and memory, against the host processor: registers, defined flags, XMM and memory must be equal.</summary>
[TestFixture]
public sealed unsafe class RowsAgainstHostTests
{
    private const int Rounds = 60;
    private const int StringCount = 40;

    private static readonly string[] Excluded =
    [
        // Need a kernel, hang the test, or answer with what differs between processors.
        "Cpuid", "Rdtsc", "Rdtscp", "Rdpmc", "Rdrand", "Rdseed", "Syscall", "Sysenter", "Int", "Into", "Int1", "Int3", "Hlt", "In", "Out", "Iret", "Swapgs", "Rdmsr",
        "Wrmsr", "Cli", "Sti", "Clts", "Invd", "Wbinvd", "Invlpg", "Invpcid", "Lgdt", "Lidt", "Lldt", "Ltr", "Sgdt", "Sidt", "Sldt", "Str", "Smsw", "Lmsw", "Lar", "Lsl",
        "Verr", "Verw", "Stac", "Clac", "Xgetbv", "Xsetbv", "Xsave", "Xrstor", "Xsaveopt", "Popf", "Pushf", "Popfq", "Pushfq", "Popfd", "Pushfd", "Rdfsbase", "Wrfsbase", "Rdgsbase", "Wrgsbase",
        "Enter", "Leave", "Ud0", "Ud1", "Ud2", "Lss", "Lfs", "Lgs", "Insb", "Insw", "Insd", "Outsb", "Outsw", "Outsd", "Rdpid", "Sysret", "Sysexit", "Rsm", "Getsec",
        "Fxsave", "Fxsave64", "Fxrstor", "Fxrstor64", "Fsave", "Fnsave", "Frstor", "Fstenv", "Fnstenv", "Fldenv", "Ldmxcsr", "Emms", "Maskmovq", "Maskmovdqu",
        "Rcpps", "Rcpss", "Rsqrtps", "Rsqrtss", "Xsaveopt64", "Xsave64", "Xrstor64", "Xlatb",
    ];

    public static IEnumerable<TestCaseData> Cases() => CasesOf(code => !IsX87(code));

    /// <summary>The x87 rows: <see cref="Float.X87AgainstHostTests"/> compares their arithmetic with the host, others both engines.</summary>
    internal static IEnumerable<TestCaseData> X87Cases() => CasesOf(IsX87);

    private static IEnumerable<TestCaseData> CasesOf(Func<Code, bool> wanted)
    {
        foreach (Code code in Enum.GetValues<Code>())
        {
            InsnRow row = InsnTable.Instance[code];
            OpCodeInfo info = code.ToOpCode();
            if ((row.RegisterForm == 0 && row.MemoryForm == 0) || !info.IsInstruction || !info.Mode64 || info.IsPrivileged)
                continue;
            if ((row.Traits & RowTraits.EndsBlock) != 0 || Excluded.Contains(info.Mnemonic.ToString()) || !wanted(code))
                continue;
            (bool register, bool memory) = RowInstructions.Forms(code);
            if (register && row.RegisterForm != 0 && Makeable(code, memory: false))
                yield return new TestCaseData(code, false).SetName($"{code} register");
            if (memory && row.MemoryForm != 0 && Makeable(code, memory: true))
                yield return new TestCaseData(code, true).SetName($"{code} memory");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void The_host_does_the_same(Code code, bool memory)
    {
        RowBench bench = RowBench.Shared;
        Random random = new((int)code);
        RowInstructions factory = new(random);
        for (int round = 0; round < Rounds; round++)
        {
            Assert.That(factory.TryMake(code, memory, out Instruction instruction), Is.True);
            if (code.ToOpCode().CanUseRepPrefix && IsString(code) && random.Next(2) == 0)
                instruction.HasRepPrefix = true;
            if (IsString(code))
                bench.StringCount = random.Next(StringCount);
            byte[]? bytes = bench.Encode(in instruction);
            if (bytes == null)
                continue;
            bench.Randomise(random, in instruction);
            bench.Compare(bytes, in instruction);
        }
    }

    [Test]
    public void There_are_many_rows_to_compare() => Assert.That(Cases().Count(), Is.GreaterThan(300));

    private static bool Makeable(Code code, bool memory) => new RowInstructions(new Random(0)).TryMake(code, memory, out _);

    private static bool IsX87(Code code) => code.ToString().StartsWith('F') && code.ToOpCode().Encoding == EncodingKind.Legacy && code.CpuidFeatures().Any(feature => feature is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387);

    private static bool IsString(Code code) => (InsnTable.Instance[code].Traits & RowTraits.String) != 0;
}
