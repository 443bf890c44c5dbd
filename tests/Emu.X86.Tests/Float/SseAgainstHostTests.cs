using Emu.X86.Semantics.Float;
using Emu.X86.Tests.HostExecution;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Float;

/// <summary>Every scalar SSE operation against the processor: result, sticky flags and whether #XM is raised.</summary>
public sealed class SseAgainstHostTests
{
    private const int Rounds = 300_000;

    private delegate ulong Operation(ulong a, ulong b, ref FloatContext context);

    private static IEnumerable<TestCaseData> Operations()
    {
        yield return Case<Binary64>("addsd", c => c.addsd(xmm0, xmm1), SseArithmetic.Add<Binary64>);
        yield return Case<Binary32>("addss", c => c.addss(xmm0, xmm1), SseArithmetic.Add<Binary32>);
        yield return Case<Binary64>("subsd", c => c.subsd(xmm0, xmm1), SseArithmetic.Subtract<Binary64>);
        yield return Case<Binary32>("subss", c => c.subss(xmm0, xmm1), SseArithmetic.Subtract<Binary32>);
        yield return Case<Binary64>("mulsd", c => c.mulsd(xmm0, xmm1), SseArithmetic.Multiply<Binary64>);
        yield return Case<Binary32>("mulss", c => c.mulss(xmm0, xmm1), SseArithmetic.Multiply<Binary32>);
        yield return Case<Binary64>("divsd", c => c.divsd(xmm0, xmm1), SseArithmetic.Divide<Binary64>);
        yield return Case<Binary32>("divss", c => c.divss(xmm0, xmm1), SseArithmetic.Divide<Binary32>);
        yield return Case<Binary64>("sqrtsd", c => c.sqrtsd(xmm0, xmm1), (ulong _, ulong b, ref FloatContext x) => SseArithmetic.SquareRoot<Binary64>(b, ref x));
        yield return Case<Binary32>("sqrtss", c => c.sqrtss(xmm0, xmm1), (ulong _, ulong b, ref FloatContext x) => SseArithmetic.SquareRoot<Binary32>(b, ref x));
        yield return Case<Binary64>("minsd", c => c.minsd(xmm0, xmm1), SseArithmetic.Minimum<Binary64>);
        yield return Case<Binary32>("minss", c => c.minss(xmm0, xmm1), SseArithmetic.Minimum<Binary32>);
        yield return Case<Binary64>("maxsd", c => c.maxsd(xmm0, xmm1), SseArithmetic.Maximum<Binary64>);
        yield return Case<Binary32>("maxss", c => c.maxss(xmm0, xmm1), SseArithmetic.Maximum<Binary32>);
        for (byte predicate = 0; predicate < 8; predicate++)
        {
            byte p = predicate;
            yield return Case<Binary64>($"cmpsd {p}", c => c.cmpsd(xmm0, xmm1, p),
                (ulong a, ulong b, ref FloatContext x) => SseComparison.Test<Binary64>(a, b, p, ref x) ? ulong.MaxValue : 0);
            yield return Case<Binary32>($"cmpss {p}", c => c.cmpss(xmm0, xmm1, p),
                (ulong a, ulong b, ref FloatContext x) => SseComparison.Test<Binary32>(a, b, p, ref x) ? uint.MaxValue : 0);
        }
    }

    private static IEnumerable<TestCaseData> Conversions()
    {
        yield return Case<Binary64>("cvtsd2ss", c => c.cvtsd2ss(xmm0, xmm1), (ulong _, ulong b, ref FloatContext x) => SseConversion.Convert<Binary64, Binary32>(b, ref x), single: true);
        yield return Case<Binary32>("cvtss2sd", c => c.cvtss2sd(xmm0, xmm1), (ulong _, ulong b, ref FloatContext x) => SseConversion.Convert<Binary32, Binary64>(b, ref x), single: false);
        yield return Case<Binary64>("cvtsi2sd r64", c => c.cvtsi2sd(xmm0, rcx), (ulong _, ulong b, ref FloatContext x) => SseConversion.FromInteger<Binary64>((long)b, ref x));
        yield return Case<Binary64>("cvtsi2ss r64", c => c.cvtsi2ss(xmm0, rcx), (ulong _, ulong b, ref FloatContext x) => SseConversion.FromInteger<Binary32>((long)b, ref x), single: true);
        yield return Case<Binary32>("cvtsi2ss r32", c => c.cvtsi2ss(xmm0, ecx), (ulong _, ulong b, ref FloatContext x) => SseConversion.FromInteger<Binary32>((int)b, ref x));
        yield return Case<Binary64>("cvtsd2si r64", c => { c.cvtsd2si(rdx, xmm1); c.movq(xmm0, rdx); }, (ulong _, ulong b, ref FloatContext x) => (ulong)SseConversion.ToInt64<Binary64>(b, x.Rounding, ref x));
        yield return Case<Binary64>("cvtsd2si r32", c => { c.cvtsd2si(edx, xmm1); c.movq(xmm0, rdx); }, (ulong _, ulong b, ref FloatContext x) => (uint)SseConversion.ToInt32<Binary64>(b, x.Rounding, ref x));
        yield return Case<Binary32>("cvtss2si r64", c => { c.cvtss2si(rdx, xmm1); c.movq(xmm0, rdx); }, (ulong _, ulong b, ref FloatContext x) => (ulong)SseConversion.ToInt64<Binary32>(b, x.Rounding, ref x), single: false);
        yield return Case<Binary32>("cvtss2si r32", c => { c.cvtss2si(edx, xmm1); c.movq(xmm0, rdx); }, (ulong _, ulong b, ref FloatContext x) => (uint)SseConversion.ToInt32<Binary32>(b, x.Rounding, ref x), single: false);
        yield return Case<Binary64>("cvttsd2si r64", c => { c.cvttsd2si(rdx, xmm1); c.movq(xmm0, rdx); }, (ulong _, ulong b, ref FloatContext x) => (ulong)SseConversion.ToInt64<Binary64>(b, RoundingMode.TowardZero, ref x));
        yield return Case<Binary32>("cvttss2si r32", c => { c.cvttss2si(edx, xmm1); c.movq(xmm0, rdx); }, (ulong _, ulong b, ref FloatContext x) => (uint)SseConversion.ToInt32<Binary32>(b, RoundingMode.TowardZero, ref x), single: false);
        for (byte control = 0; control < 16; control++)
        {
            byte i = control;
            yield return Case<Binary64>($"roundsd {i}", c => c.roundsd(xmm0, xmm1, i), (ulong _, ulong b, ref FloatContext x) => SseConversion.RoundToIntegral<Binary64>(b, i, ref x));
            yield return Case<Binary32>($"roundss {i}", c => c.roundss(xmm0, xmm1, i), (ulong _, ulong b, ref FloatContext x) => SseConversion.RoundToIntegral<Binary32>(b, i, ref x));
        }
    }

    private static TestCaseData Case<T>(string name, Action<Assembler> emit, Operation operation, bool? single = null) where T : struct, IBinaryFormat =>
        new TestCaseData(emit, operation, (Func<FloatOperands, (ulong, ulong)>)(o => o.Pair<T>()), single ?? T.Precision == 24).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Operations)), TestCaseSource(nameof(Conversions))]
    public void Results_and_flags_equal_the_processors(
        Action<Assembler> emit, object operation, Func<FloatOperands, (ulong, ulong)> operands, bool single)
    {
        HostCode host = SharedHost.Code;
        host.Load(c => { c.movq(xmm0, rax); c.movq(xmm1, rcx); emit(c); c.movq(rax, xmm0); });
        FloatOperands random = new(1);
        for (int i = 0; i < Rounds; i++)
        {
            (ulong a, ulong b) = operands(random);
            uint mxcsr = random.Mxcsr();
            host.State.Gpr[0] = a;
            host.State.Gpr[1] = b;
            host.State.Fx.Mxcsr = mxcsr;
            host.Run();
            FloatContext context = FloatContext.FromMxcsr(mxcsr);
            ulong result = ((Operation)operation)(a, b, ref context);
            bool raises = context.Unmasked != FloatExceptions.None;
            ulong expected = single ? (uint)host.State.Gpr[0] : host.State.Gpr[0];
            if (raises != (host.State.Vector == 19) || ((uint)context.Raised | mxcsr & 0x3f) != (host.State.Fx.Mxcsr & 0x3f) || !raises && result != expected)
            {
                Assert.Fail($"{a:x} {b:x} mxcsr {mxcsr:x}: host {expected:x} flags {(FloatExceptions)(host.State.Fx.Mxcsr & 0x3f)} vector {host.State.Vector}, "
                    + $"ours {result:x} {context.Raised} (round {i})");
            }
        }
    }
}
