using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>Element-wise addition, subtraction, comparison, minimum, maximum, average, sign and absolute value, and logic.</summary>
internal static class PackedArithmetic
{
    internal readonly struct Add<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.As<byte, T>() + b.As<byte, T>()).AsByte();
    }

    internal readonly struct Subtract<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.As<byte, T>() - b.As<byte, T>()).AsByte();
    }

    internal readonly struct AddSaturate<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.AddSaturate(a.As<byte, T>(), b.As<byte, T>()).AsByte();
    }

    internal readonly struct SubtractSaturate<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.SubtractSaturate(a.As<byte, T>(), b.As<byte, T>()).AsByte();
    }

    internal readonly struct Equal<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Equals(a.As<byte, T>(), b.As<byte, T>()).AsByte();
    }

    internal readonly struct Greater<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.GreaterThan(a.As<byte, T>(), b.As<byte, T>()).AsByte();
    }

    internal readonly struct Minimum<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Min(a.As<byte, T>(), b.As<byte, T>()).AsByte();
    }

    internal readonly struct Maximum<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Max(a.As<byte, T>(), b.As<byte, T>()).AsByte();
    }

    /// <summary>PAVGB, PAVGW: rounded up, without a wider intermediate: (a | b) - ((a ^ b) >> 1).</summary>
    internal readonly struct Average<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            ((a | b).As<byte, T>() - ((a ^ b).As<byte, T>() >>> 1)).AsByte();
    }

    /// <summary>PSIGNB, PSIGNW, PSIGND.</summary>
    internal readonly struct Sign<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<T> value = a.As<byte, T>(), sign = b.As<byte, T>();
            Vector128<T> signed = Vector128.ConditionalSelect(Vector128.LessThan(sign, Vector128<T>.Zero), -value, value);
            return Vector128.AndNot(signed, Vector128.Equals(sign, Vector128<T>.Zero)).AsByte();
        }
    }

    /// <summary>PABSB, PABSW, PABSD; the most negative value stays.</summary>
    internal readonly struct Absolute<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<T> value = b.As<byte, T>();
            return Vector128.ConditionalSelect(Vector128.LessThan(value, Vector128<T>.Zero), -value, value).AsByte();
        }
    }

    internal readonly struct And : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a & b;
    }

    internal readonly struct AndNot : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => ~a & b;
    }

    internal readonly struct Or : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a | b;
    }

    internal readonly struct Xor : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => a ^ b;
    }
}
