using Emu.X86.Semantics.Integer;
using Emu.X86.Tests.Float;

namespace Emu.X86.Tests.Rows;

/// <summary>The division by halves against the library's.</summary>
public sealed class WideDivisionTests
{
    [Test]
    public void Quotient_and_remainder_are_those_of_the_library()
    {
        FloatOperands random = new(3);
        for (int i = 0; i < 200_000; i++)
        {
            ulong divisor = Math.Max(random.Significand() >> random.Below(64), 1), high = random.Significand() % divisor, low = random.Significand();
            (UInt128 quotient, UInt128 remainder) = UInt128.DivRem(new UInt128(high, low), divisor);
            Assert.That(WideDivision.Divide(high, low, divisor), Is.EqualTo(((ulong)quotient, (ulong)remainder)), $"{high:x}:{low:x} / {divisor:x}");
        }
    }
}
