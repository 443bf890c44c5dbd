using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>Operations on ST(0) alone.</summary>
internal static class X87UnaryOps
{
    internal readonly struct ChangeSign : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition) => a.WithSign(!a.Sign);
    }

    internal readonly struct Absolute : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition) => a.WithSign(false);
    }

    internal readonly struct SquareRoot : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition) => X87Arithmetic.SquareRoot(a, ref context);
    }

    internal readonly struct RoundToIntegral : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition) => X87Arithmetic.RoundToIntegral(a, ref context);
    }

    /// <summary>F2XM1.</summary>
    internal readonly struct Exponential : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition) => X87Exponential.PowerMinusOne(a, ref context);
    }

    internal readonly struct Sine : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition)
        {
            Float80 result = X87Trigonometry.Sine(a, ref context, out bool inRange);
            condition = (ushort)(condition & ~X87Unit.C2 | (inRange ? 0 : X87Unit.C2));
            return result;
        }
    }

    internal readonly struct Cosine : IX87Unary
    {
        public static Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition)
        {
            Float80 result = X87Trigonometry.Cosine(a, ref context, out bool inRange);
            condition = (ushort)(condition & ~X87Unit.C2 | (inRange ? 0 : X87Unit.C2));
            return result;
        }
    }
}
