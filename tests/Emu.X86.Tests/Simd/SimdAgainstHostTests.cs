using System.Text.RegularExpressions;
using Emu.X86.Semantics;
using Emu.X86.Tests.Float;
using Emu.X86.Tests.HostExecution;
using Emu.X86.Tests.Rows;
using Iced.Intel;

namespace Emu.X86.Tests.Simd;

/// <summary>Every x87, MMX and SSE row on random state against the processor: all registers, MXCSR, control and status words, tags, flags and memory.</summary>
public sealed class SimdAgainstHostTests
{
    private const int Rounds = 80;

    // Defined by us, because processors differ (docs/undefined.md), or they read or write pointers to instructions that the images of both sides need not share.
    private static readonly Mnemonic[] Excluded =
    [
        Mnemonic.Rcpps, Mnemonic.Rcpss, Mnemonic.Rsqrtps, Mnemonic.Rsqrtss,
        Mnemonic.Fsin, Mnemonic.Fcos, Mnemonic.Fsincos, Mnemonic.Fptan, Mnemonic.Fpatan, Mnemonic.F2xm1, Mnemonic.Fyl2x, Mnemonic.Fyl2xp1,
        Mnemonic.Fnstenv, Mnemonic.Fldenv, Mnemonic.Fnsave, Mnemonic.Frstor, Mnemonic.Fxsave, Mnemonic.Fxsave64, Mnemonic.Fxrstor, Mnemonic.Fxrstor64,
        Mnemonic.Xsave, Mnemonic.Xsave64, Mnemonic.Xsaveopt, Mnemonic.Xsaveopt64, Mnemonic.Xrstor, Mnemonic.Xrstor64, Mnemonic.Xsetbv, Mnemonic.Xgetbv,
    ];

    public static IEnumerable<TestCaseData> Cases()
    {
        foreach (Code code in Enum.GetValues<Code>())
        {
            InsnRow row = InsnTable.Instance[code];
            OpCodeInfo info = code.ToOpCode();
            if ((row.RegisterForm == 0 && row.MemoryForm == 0) || !info.IsInstruction || !info.Mode64 || !IsSimd(code) || Excluded.Contains(info.Mnemonic))
                continue;
            (bool register, bool memory) = RowInstructions.Forms(code);
            if (register && row.RegisterForm != 0)
                yield return new TestCaseData(code, false).SetName($"{code} register");
            if (memory && row.MemoryForm != 0)
                yield return new TestCaseData(code, true).SetName($"{code} memory");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void The_host_does_the_same(Code code, bool memory) => Compare(code, memory, new FloatOperands((int)code), Rounds);

    public static IEnumerable<TestCaseData> Arithmetic() =>
        from data in Cases()
        let mnemonic = ((Code)data.Arguments[0]!).Mnemonic()
        where Regex.IsMatch(mnemonic.ToString(), "^(Add|Sub|Mul|Div|Sqrt|Min|Max)[ps][sd]$", RegexOptions.NonBacktracking)
        select new TestCaseData(data.Arguments[0], data.Arguments[1]).SetName($"ordinary {mnemonic} {(data.Arguments[1] is true ? "memory" : "register")}");

    /// <summary>What programs do most is done in a way of its own, on the host's arithmetic.</summary>
    [TestCaseSource(nameof(Arithmetic))]
    public void The_host_does_the_same_with_ordinary_operands(Code code, bool memory) => Compare(code, memory, new FloatOperands((int)code, ordinary: true), rounds: 500);

    private static void Compare(Code code, bool memory, FloatOperands random, int rounds)
    {
        if (!HostCode.IsSupported)
            Assert.Ignore("The host is not x86-64 Linux: nothing to compare with.");
        SimdBench bench = SimdBench.Shared;
        RowInstructions factory = new(new Random((int)code));
        string name = code.ToString();
        bool single = name.Contains("ps_", StringComparison.Ordinal) || name.Contains("ss_", StringComparison.Ordinal) || name.Contains("m32", StringComparison.Ordinal)
            || name.StartsWith("Cvtps", StringComparison.Ordinal) || name.StartsWith("Cvttps", StringComparison.Ordinal) || name.StartsWith("Cvtss", StringComparison.Ordinal);
        int compared = 0;
        for (int round = 0; round < rounds; round++)
        {
            Instruction instruction = Make(factory, random, code, memory);
            byte[]? bytes = bench.Encode(in instruction);
            if (bytes == null)
                continue;
            bool mustAlign = instruction.MemorySize.GetSize() >= 16 && random.Below(8) != 0;
            bench.Randomise(random, single, name[0] == 'F', mustAlign);
            bench.Compare(bytes, in instruction);
            compared++;
        }

        Assert.That(compared, Is.GreaterThan(rounds / 2));
    }

    [Test]
    public void There_are_many_rows_to_compare() => Assert.That(Cases().Count(), Is.GreaterThan(600));

    private static Instruction Make(RowInstructions factory, FloatOperands random, Code code, bool memory)
    {
        if (code == Code.Maskmovdqu_rDI_xmm_xmm)
            return Instruction.CreateMaskmovdqu(64, Register.XMM0 + random.Below(16), Register.XMM0 + random.Below(16));
        if (code == Code.Maskmovq_rDI_mm_mm)
            return Instruction.CreateMaskmovq(64, Register.MM0 + random.Below(8), Register.MM0 + random.Below(8));
        Assert.That(factory.TryMake(code, memory, out Instruction instruction), Is.True, $"cannot make {code}");
        return instruction;
    }

    private static bool IsSimd(Code code) => code.ToOpCode().Encoding == EncodingKind.Legacy && code.CpuidFeatures().Any(feature => feature
        is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387 or CpuidFeature.MMX or CpuidFeature.SSE or CpuidFeature.SSE2 or CpuidFeature.SSE3
        or CpuidFeature.SSSE3 or CpuidFeature.SSE4_1 or CpuidFeature.SSE4_2 or CpuidFeature.POPCNT);
}
