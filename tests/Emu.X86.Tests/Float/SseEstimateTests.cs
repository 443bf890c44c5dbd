using Emu.X86.Semantics.Float;

namespace Emu.X86.Tests.Float;

/// <summary>RCPPS and RSQRTPS: within the manual's error bound, and the special values of the manual.</summary>
public sealed class SseEstimateTests
{
    private const double Bound = 1.5 / 4096;

    [Test]
    public void Estimates_lie_within_the_error_bound_of_the_manual()
    {
        FloatOperands random = new(6);
        for (int i = 0; i < 200_000; i++)
        {
            uint bits = (uint)random.Bits64() & 0x7fffffff;
            double value = BitConverter.UInt32BitsToSingle(bits);
            if (bits is < 0x0080_0000 or >= 0x7e80_0000)
                continue;
            double reciprocal = BitConverter.UInt32BitsToSingle(SseEstimate.Reciprocal(bits)), root = BitConverter.UInt32BitsToSingle(SseEstimate.ReciprocalSquareRoot(bits));
            Assert.That(Math.Abs(reciprocal * value - 1), Is.LessThanOrEqualTo(Bound), $"1 / {value}");
            Assert.That(Math.Abs(root * Math.Sqrt(value) - 1), Is.LessThanOrEqualTo(Bound), $"1 / sqrt({value})");
        }
    }

    [TestCase(0u, 0x7f800000u, 0x7f800000u)]
    [TestCase(0x80000000u, 0xff800000u, 0xff800000u)]
    [TestCase(0x00000001u, 0x7f800000u, 0x7f800000u)]
    [TestCase(0x7f800000u, 0u, 0u)]
    [TestCase(0xff800000u, 0x80000000u, 0xffc00000u)]
    [TestCase(0xbf800000u, 0xbf800000u, 0xffc00000u)]
    [TestCase(0x3f800000u, 0x3f800000u, 0x3f800000u)]
    [TestCase(0x40800000u, 0x3e800000u, 0x3f000000u)]
    [TestCase(0x7f800001u, 0x7fc00001u, 0x7fc00001u)]
    [TestCase(0x7f7fffffu, 0u, 0x1f800000u)]
    public void Special_values_are_those_of_the_manual(uint value, uint reciprocal, uint root) =>
        Assert.That((SseEstimate.Reciprocal(value), SseEstimate.ReciprocalSquareRoot(value)), Is.EqualTo((reciprocal, root)));
}
