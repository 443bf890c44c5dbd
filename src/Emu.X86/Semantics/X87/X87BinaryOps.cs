using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>Two-operand arithmetic; the reversed forms exchange the operands.</summary>
internal static class X87BinaryOps
{
    internal readonly struct Add : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Arithmetic.Add(a, b, ref context);
    }

    internal readonly struct Subtract : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Arithmetic.Subtract(a, b, ref context);
    }

    internal readonly struct SubtractReverse : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Arithmetic.Subtract(b, a, ref context);
    }

    internal readonly struct Multiply : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Arithmetic.Multiply(a, b, ref context);
    }

    internal readonly struct Divide : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Arithmetic.Divide(a, b, ref context);
    }

    internal readonly struct DivideReverse : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Arithmetic.Divide(b, a, ref context);
    }
}
