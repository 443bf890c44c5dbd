using Emu.X86.Semantics.Float;
using Emu.X86.Tests.HostExecution;
using Iced.Intel;

namespace Emu.X86.Tests.Float;

/// <summary>The transcendental functions: within one unit in the last place of the processor's results, and with its exception flags.</summary>
public sealed class X87TranscendentalTests
{
    private const int Rounds = 40_000;

    private delegate Float80 Function(Float80 a, Float80 b, ref FloatContext context);

    private static IEnumerable<TestCaseData> Functions()
    {
        yield return Case("fsin", c => c.fsin(), o => (Angle(o), default), (Float80 a, Float80 b, ref FloatContext x) => X87Trigonometry.Sine(a, ref x, out _));
        yield return Case("fcos", c => c.fcos(), o => (Angle(o), default), (Float80 a, Float80 b, ref FloatContext x) => X87Trigonometry.Cosine(a, ref x, out _));
        yield return Case("fptan", c => { c.fptan(); c.fincstp(); }, o => (InRange(Angle(o)), default), (Float80 a, Float80 b, ref FloatContext x) => X87Trigonometry.Tangent(a, ref x, out _));
        yield return Case("fpatan", c => c.fpatan(), o => o.Pair80(), (Float80 a, Float80 b, ref FloatContext x) => X87Trigonometry.ArcTangent(b, a, ref x));
        yield return Case("f2xm1", c => c.f2xm1(), o => (Fraction(o), default), (Float80 a, Float80 b, ref FloatContext x) => X87Exponential.PowerMinusOne(a, ref x));
        yield return Case("fyl2x", c => c.fyl2x(), o => o.Pair80(), (Float80 a, Float80 b, ref FloatContext x) => X87Logarithm.Logarithm(a, b, ref x));
        yield return Case("fyl2x near 1", c => c.fyl2x(), o => (NearOne(o), o.Next80()), (Float80 a, Float80 b, ref FloatContext x) => X87Logarithm.Logarithm(a, b, ref x));
        yield return Case("fyl2xp1", c => c.fyl2xp1(), o => (Small(o), o.Next80()), (Float80 a, Float80 b, ref FloatContext x) => X87Logarithm.LogarithmPlusOne(a, b, ref x));
    }

    private static TestCaseData Case(string name, Action<Assembler> emit, Func<FloatOperands, (Float80, Float80)> operands, Function function) =>
        new TestCaseData(emit, operands, function).SetArgDisplayNames(name);

    // FPTAN pushes, FINCSTP takes the tangent back to the top; exponents across the whole range of reduction.
    private static Float80 Angle(FloatOperands o) => o.Below(4) == 0 ? o.Next80() : new(o.Bits64() | 1UL << 63, (ushort)(16383 - 20 + o.Below(85) | o.Below(2) << 15));

    // Out of range FPTAN would not push.
    private static Float80 InRange(Float80 a) => a.BiasedExponent is >= 16383 + 63 and < 0x7fff ? a.WithSign(false) with { SignExponent = 16383 } : a;

    private static Float80 Fraction(FloatOperands o) => o.Below(10) switch
    {
        0 => new(0, (ushort)(o.Below(2) << 15)),
        1 => new(1UL << 63, (ushort)(16383 | o.Below(2) << 15)),
        2 => new(1UL << 63, (ushort)(0x7fff | o.Below(2) << 15)),
        3 => new(o.Bits64() | 1UL << 62, 0x7fff),
        _ => new(o.Bits64() | 1UL << 63, (ushort)(16382 - o.Below(70) | o.Below(2) << 15)),
    };

    private static Float80 NearOne(FloatOperands o) => new(o.Below(2) == 0 ? 1UL << 63 | o.Bits64() >> o.Below(63) : ulong.MaxValue << o.Below(20) | 1UL << 63, (ushort)(16383 - o.Below(2)));

    // |x| below 1 - sqrt(1/2), where the result is defined.
    private static Float80 Small(FloatOperands o) => o.Below(10) == 0 ? Fraction(o).BiasedExponent == 16383 ? default : new(0, (ushort)(o.Below(2) << 15))
        : new(o.Bits64() | 1UL << 63, (ushort)(16383 - 3 - o.Below(70) | o.Below(2) << 15));

    [TestCaseSource(nameof(Functions))]
    public void Results_are_within_one_unit_of_the_processors(Action<Assembler> emit, Func<FloatOperands, (Float80, Float80)> operands, object function)
    {
        HostCode host = SharedHost.Code;
        host.Load(emit);
        FloatOperands random = new(5);
        int exact = 0;
        for (int i = 0; i < Rounds; i++)
        {
            (Float80 a, Float80 b) = operands(random);
            const ushort Control = 0x37f;
            X87AgainstHostTests.Prepare(host, a, b, Control);
            host.Run();
            FloatContext context = new(Control);
            Float80 result = ((Function)function)(a, b, ref context);
            int status = host.State.Fx.StatusWord;
            Float80 expected = X87AgainstHostTests.Value(host.State.Fx.St[0]);
            exact += result == expected ? 1 : 0;
            if (Distance(result, expected) > 1 || (int)context.Raised != (status & 0x3f))
                Assert.Fail($"{a} {b}: host {expected} {(FloatExceptions)(status & 0x3f)}, ours {result} {context.Raised} (round {i})");
        }

        TestContext.Out.WriteLine($"{exact} of {Rounds} results equal the processor's bit for bit");
        Assert.That(exact, Is.GreaterThan(Rounds / 2));
    }

    [Test]
    public void Arguments_out_of_range_come_back_unchanged()
    {
        FloatContext context = new(0x37f);
        Float80 large = new(1UL << 63, 16383 + 63);
        Assert.Multiple(() =>
        {
            Assert.That(X87Trigonometry.Sine(large, ref context, out bool sine), Is.EqualTo(large));
            Assert.That(X87Trigonometry.Tangent(large, ref context, out bool tangent), Is.EqualTo(large));
            Assert.That((sine, tangent, context.Raised), Is.EqualTo((false, false, FloatExceptions.None)));
        });
    }

    // Values next to each other differ by one, zero and denormals included.
    private static UInt128 Distance(Float80 a, Float80 b)
    {
        if (a.Sign != b.Sign)
            return a == b ? 0 : UInt128.MaxValue;
        UInt128 x = new UInt128((ulong)a.BiasedExponent, a.Significand << 1), y = new UInt128((ulong)b.BiasedExponent, b.Significand << 1);
        return (x > y ? x - y : y - x) >> 1;
    }
}
