using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>Packed shifts; the count is the low quadword of the source operand, and counts past the element width clear it (or fill it with the sign).</summary>
internal static class PackedShift
{
    internal readonly struct Left<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            ulong count = b.AsUInt64().ToScalar();
            return count >= (ulong)Bits<T>() ? Vector128<byte>.Zero : (a.As<byte, T>() << (int)count).AsByte();
        }
    }

    internal readonly struct Right<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            ulong count = b.AsUInt64().ToScalar();
            return count >= (ulong)Bits<T>() ? Vector128<byte>.Zero : (a.As<byte, T>() >>> (int)count).AsByte();
        }
    }

    internal readonly struct RightArithmetic<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            ulong count = Math.Min(b.AsUInt64().ToScalar(), (ulong)Bits<T>() - 1);
            return (a.As<byte, T>() >> (int)count).AsByte();
        }
    }

    /// <summary>PSLLDQ.</summary>
    internal readonly struct LeftBytes : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            ulong count = b.AsUInt64().ToScalar();
            return count > 15 ? Vector128<byte>.Zero : Wide.From(Wide.To(a) << (int)(count * 8));
        }
    }

    /// <summary>PSRLDQ.</summary>
    internal readonly struct RightBytes : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            ulong count = b.AsUInt64().ToScalar();
            return count > 15 ? Vector128<byte>.Zero : Wide.From(Wide.To(a) >> (int)(count * 8));
        }
    }

    /// <summary>PALIGNR on XMM registers.</summary>
    internal readonly struct Align : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate)
        {
            if (immediate == 0)
                return b;
            if (immediate >= 16)
                return immediate >= 32 ? Vector128<byte>.Zero : Wide.From(Wide.To(a) >> ((immediate - 16) * 8));
            return Wide.From((Wide.To(b) >> (immediate * 8)) | (Wide.To(a) << ((16 - immediate) * 8)));
        }
    }

    /// <summary>PALIGNR on MMX registers.</summary>
    internal readonly struct AlignMmx : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate) =>
            immediate >= 16 ? Vector128<byte>.Zero : Wide.From(((Wide.To(a) << 64) | Wide.To(b)) >> (immediate * 8));
    }

    private static int Bits<T>() => 8 * Unsafe.SizeOf<T>();
}
