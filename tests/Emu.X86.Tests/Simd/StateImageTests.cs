using Emu.X86.Tests.Float;
using Emu.X86.Tests.HostExecution;
using Iced.Intel;

namespace Emu.X86.Tests.Simd;

/// <summary>FXSAVE, FNSTENV, FNSAVE and what loads their images again, on random state and memory against the processor.</summary>
public sealed class StateImageTests
{
    private const int Rounds = 400;

    // Bytes of an image that hold the last instruction's opcode and pointers, or are reserved: the host's are those of the test harness.
    private static IEnumerable<TestCaseData> Images()
    {
        yield return Case(Code.Fxsave64_m512byte, 16, 6, 24, 28, 32);
        yield return Case(Code.Fxsave_m512byte, 16, 6, 24, 28, 32);
        yield return Case(Code.Fnstenv_m28byte, 1, 12, 28, 0, 0);
        yield return Case(Code.Fnstenv_m14byte, 1, 6, 14, 0, 0);
        yield return Case(Code.Fnsave_m108byte, 1, 12, 28, 0, 0);
        yield return Case(Code.Fnsave_m94byte, 1, 6, 14, 0, 0);
        yield return Case(Code.Fxrstor64_m512byte, 16, 0, 0, 0, 0);
        yield return Case(Code.Fxrstor_m512byte, 16, 0, 0, 0, 0);
        yield return Case(Code.Fldenv_m28byte, 1, 0, 0, 0, 0);
        yield return Case(Code.Fldenv_m14byte, 1, 0, 0, 0, 0);
        yield return Case(Code.Frstor_m108byte, 1, 0, 0, 0, 0);
        yield return Case(Code.Frstor_m94byte, 1, 0, 0, 0, 0);
    }

    private static TestCaseData Case(Code code, int alignment, int from, int to, int from2, int to2) =>
        new TestCaseData(code, alignment, new[] { from, to, from2, to2 }).SetArgDisplayNames(code.ToString());

    /// <summary>A bit of MXCSR that every vendor reserves: bit 17 is AMD's.</summary>
    private static uint Reserved(FloatOperands random) => 0x4_0000u << random.Below(14);

    [TestCaseSource(nameof(Images))]
    public void The_host_does_the_same(Code code, int alignment, int[] ignored)
    {
        if (!HostCode.IsSupported)
            Assert.Ignore("The host is not x86-64 Linux: nothing to compare with.");
        SimdBench bench = SimdBench.Shared;
        FloatOperands random = new((int)code);
        Instruction instruction = Instruction.Create(code, new MemoryOperand(Register.RBX, 0x100, 8));
        byte[] bytes = bench.Encode(in instruction)!;
        for (int round = 0; round < Rounds; round++)
        {
            bench.Randomise(random, single: true, x87: true, aligned: alignment != 1 && random.Below(8) != 0);
            // MXCSR in an FXSAVE image, with a reserved bit now and then.
            if (alignment == 16)
                bench.Patch(0x100 + 24, random.Below(8) == 0 ? Reserved(random) : random.Mxcsr());
            bench.Ignore(0x100, ignored);
            bench.Compare(bytes, in instruction);
        }
    }

    [TestCase(Code.Xsave64_mem), TestCase(Code.Xsave_mem), TestCase(Code.Xsaveopt64_mem), TestCase(Code.Xrstor64_mem), TestCase(Code.Xrstor_mem)]
    public void Extended_state_goes_out_and_in_as_on_the_host(Code code)
    {
        if (!HostCode.IsSupported || (System.Runtime.Intrinsics.X86.X86Base.CpuId(1, 0).Ecx >> 27 & 1) == 0)
            Assert.Ignore("The host has no XSAVE.");
        SimdBench bench = SimdBench.Shared;
        FloatOperands random = new((int)code);
        Instruction instruction = Instruction.Create(code, new MemoryOperand(Register.RBX, 0x100, 8));
        byte[] bytes = bench.Encode(in instruction)!;
        for (int round = 0; round < Rounds; round++)
        {
            bench.Randomise(random, single: true, x87: true, aligned: random.Below(8) != 0);
            bench.Patch(0x100 + 24, random.Below(8) == 0 ? Reserved(random) : random.Mxcsr());
            // XSTATE_BV, XCOMP_BV and the word behind it, which XRSTOR wants to be zero.
            for (int i = 0; i < 24; i += 4)
                bench.Patch(0x100 + 512 + i, i == 0 ? (uint)random.Below(4) : i >= 8 && random.Below(30) == 0 ? 4u : 0u);
            // Only the components both sides have.
            bench.SetMask((uint)random.Below(4), 0);
            bench.Ignore(0x100, [6, 24, 28, 32]);
            bench.Compare(bytes, in instruction);
        }
    }
}
