using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>Interleaving, packing, horizontal arithmetic, shuffles and blends.</summary>
internal static class PackedShuffle
{
    /// <summary>PUNPCKLBW; for MMX the low four bytes of each operand are the low half of the result.</summary>
    internal readonly struct InterleaveLowBytes : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8)).AsByte();
    }

    /// <summary>PUNPCKLWD.</summary>
    internal readonly struct InterleaveLowWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            (Vector128.WidenLower(a.AsUInt16()) | (Vector128.WidenLower(b.AsUInt16()) << 16)).AsByte();
    }

    /// <summary>PUNPCKLDQ, UNPCKLPS.</summary>
    internal readonly struct InterleaveLowDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            (Vector128.WidenLower(a.AsUInt32()) | (Vector128.WidenLower(b.AsUInt32()) << 32)).AsByte();
    }

    /// <summary>PUNPCKLQDQ, UNPCKLPD.</summary>
    internal readonly struct InterleaveLowQuadwords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Create(a.GetLower(), b.GetLower());
    }

    /// <summary>PUNPCKHxx: the same operation on the upper halves.</summary>
    internal readonly struct High<TLow> : IVectorOp
        where TLow : struct, IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => TLow.Apply(a.GetUpper().ToVector128(), b.GetUpper().ToVector128());
    }

    /// <summary>PUNPCKHxx on MMX registers: the upper half of what the low interleave makes of them.</summary>
    internal readonly struct HighMmx<TLow> : IVectorOp
        where TLow : struct, IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => TLow.Apply(a, b).GetUpper().ToVector128();
    }

    /// <summary>An operation whose result halves come from one operand each, on MMX registers: both operands become one vector.</summary>
    internal readonly struct Joined<TOp> : IVectorOp
        where TOp : struct, IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => TOp.Apply(Vector128.Create(a.GetLower(), b.GetLower()), default);
    }

    /// <summary>PACKSSWB.</summary>
    internal readonly struct PackSignedWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.NarrowWithSaturation(a.AsInt16(), b.AsInt16()).AsByte();
    }

    /// <summary>PACKSSDW.</summary>
    internal readonly struct PackSignedDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.NarrowWithSaturation(a.AsInt32(), b.AsInt32()).AsByte();
    }

    /// <summary>PACKUSWB: signed in, unsigned out.</summary>
    internal readonly struct PackUnsignedWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<short> top = Vector128.Create((short)255);
            return Vector128.Narrow(
                Vector128.Clamp(a.AsInt16(), Vector128<short>.Zero, top).AsUInt16(),
                Vector128.Clamp(b.AsInt16(), Vector128<short>.Zero, top).AsUInt16());
        }
    }

    /// <summary>PACKUSDW.</summary>
    internal readonly struct PackUnsignedDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<int> top = Vector128.Create(65535);
            return Vector128.Narrow(
                Vector128.Clamp(a.AsInt32(), Vector128<int>.Zero, top).AsUInt32(),
                Vector128.Clamp(b.AsInt32(), Vector128<int>.Zero, top).AsUInt32()).AsByte();
        }
    }

    /// <summary>PHADDW, PHSUBW and their saturating forms: <typeparamref name="TOp"/> of even and odd words.</summary>
    internal readonly struct HorizontalWords<TOp> : IVectorOp
        where TOp : struct, IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
            return TOp.Apply(Vector128.Narrow(x, y).AsByte(), Vector128.Narrow(x >> 16, y >> 16).AsByte());
        }
    }

    /// <summary>PHADDD, PHSUBD.</summary>
    internal readonly struct HorizontalDoublewords<TOp> : IVectorOp
        where TOp : struct, IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<ulong> x = a.AsUInt64(), y = b.AsUInt64();
            return TOp.Apply(Vector128.Narrow(x, y).AsByte(), Vector128.Narrow(x >> 32, y >> 32).AsByte());
        }
    }

    /// <summary>PSHUFB on XMM registers; an index with bit 7 set gives zero.</summary>
    internal readonly struct ShuffleBytes : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Shuffle(a, b & Vector128.Create((byte)0x8F));
    }

    /// <summary>PSHUFB on MMX registers.</summary>
    internal readonly struct ShuffleBytesMmx : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Shuffle(a, b & Vector128.Create((byte)0x87));
    }

    /// <summary>PSHUFD.</summary>
    internal readonly struct ShuffleDoublewords : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate) =>
            Vector128.Shuffle(b.AsInt32(), Vector128.Create(immediate & 3, immediate >> 2 & 3, immediate >> 4 & 3, immediate >> 6)).AsByte();
    }

    /// <summary>PSHUFLW, and PSHUFW on MMX registers.</summary>
    internal readonly struct ShuffleLowWords : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate) => Vector128.Shuffle(
            b.AsInt16(),
            Vector128.Create((short)(immediate & 3), (short)(immediate >> 2 & 3), (short)(immediate >> 4 & 3), (short)(immediate >> 6), 4, 5, 6, 7)).AsByte();
    }

    /// <summary>PSHUFHW.</summary>
    internal readonly struct ShuffleHighWords : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate) => Vector128.Shuffle(
            b.AsInt16(),
            Vector128.Create(0, 1, 2, 3, (short)(4 + (immediate & 3)), (short)(4 + (immediate >> 2 & 3)), (short)(4 + (immediate >> 4 & 3)), (short)(4 + (immediate >> 6)))).AsByte();
    }

    /// <summary>SHUFPS: two elements of the destination, two of the source.</summary>
    internal readonly struct ShuffleSingles : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate)
        {
            Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
            return Vector128.Create(x[immediate & 3], x[immediate >> 2 & 3], y[immediate >> 4 & 3], y[immediate >> 6]).AsByte();
        }
    }

    /// <summary>SHUFPD.</summary>
    internal readonly struct ShuffleDoubles : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate) =>
            Vector128.Create(a.AsUInt64()[immediate & 1], b.AsUInt64()[immediate >> 1 & 1]).AsByte();
    }

    /// <summary>PBLENDW, BLENDPS, BLENDPD: immediate bit i takes element i from the source.</summary>
    internal readonly struct Blend<T> : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate)
        {
            Vector128<T> result = a.As<byte, T>(), source = b.As<byte, T>();
            for (int i = 0; i < Vector128<T>.Count; i++)
            {
                if ((immediate >> i & 1) != 0)
                    result = result.WithElement(i, source[i]);
            }

            return result.AsByte();
        }
    }

    /// <summary>MOVSLDUP.</summary>
    internal readonly struct DuplicateEven : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Shuffle(b.AsInt32(), Vector128.Create(0, 0, 2, 2)).AsByte();
    }

    /// <summary>MOVSHDUP.</summary>
    internal readonly struct DuplicateOdd : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Shuffle(b.AsInt32(), Vector128.Create(1, 1, 3, 3)).AsByte();
    }

    /// <summary>MOVDDUP.</summary>
    internal readonly struct DuplicateLow : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.Create(b.GetLower(), b.GetLower());
    }
}
