using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>Packed multiplications and sums of products.</summary>
internal static class PackedMultiply
{
    /// <summary>PMULLW, PMULLD.</summary>
    internal readonly struct Low<T> : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => (a.As<byte, T>() * b.As<byte, T>()).AsByte();
    }

    /// <summary>PMULHW.</summary>
    internal readonly struct HighSigned : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            (Vector128<int> low, Vector128<int> high) = Products(a.AsInt16(), b.AsInt16());
            return Vector128.Narrow(low >> 16, high >> 16).AsByte();
        }
    }

    /// <summary>PMULHUW.</summary>
    internal readonly struct HighUnsigned : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<ushort> x = a.AsUInt16(), y = b.AsUInt16();
            Vector128<uint> low = Vector128.WidenLower(x) * Vector128.WidenLower(y), high = Vector128.WidenUpper(x) * Vector128.WidenUpper(y);
            return Vector128.Narrow(low >> 16, high >> 16).AsByte();
        }
    }

    /// <summary>PMULHRSW: bits 16:1 of the product in units of 2^-15, rounded.</summary>
    internal readonly struct HighRounded : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            (Vector128<int> low, Vector128<int> high) = Products(a.AsInt16(), b.AsInt16());
            return Vector128.Narrow(((low >> 14) + Vector128<int>.One) >> 1, ((high >> 14) + Vector128<int>.One) >> 1).AsByte();
        }
    }

    /// <summary>PMADDWD.</summary>
    internal readonly struct AddPairs : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<int> x = a.AsInt32(), y = b.AsInt32();
            return ((((x << 16) >> 16) * ((y << 16) >> 16)) + ((x >> 16) * (y >> 16))).AsByte();
        }
    }

    /// <summary>PMADDUBSW: unsigned bytes of the destination times signed bytes of the source, pairs added with saturation.</summary>
    internal readonly struct AddBytePairs : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<short> x = a.AsInt16(), y = b.AsInt16();
            Vector128<short> even = (x & Vector128.Create((short)0xFF)) * ((y << 8) >> 8), odd = (x >>> 8) * (y >> 8);
            return Vector128.AddSaturate(even, odd).AsByte();
        }
    }

    /// <summary>PMULUDQ.</summary>
    internal readonly struct EvenUnsigned : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<ulong> mask = Vector128.Create(0xFFFF_FFFFUL);
            return ((a.AsUInt64() & mask) * (b.AsUInt64() & mask)).AsByte();
        }
    }

    /// <summary>PMULDQ.</summary>
    internal readonly struct EvenSigned : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) =>
            (((a.AsInt64() << 32) >> 32) * ((b.AsInt64() << 32) >> 32)).AsByte();
    }

    /// <summary>PSADBW: the sum of absolute differences of each eight bytes.</summary>
    internal readonly struct SumOfDifferences : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<ushort> difference = (Vector128.Max(a, b) - Vector128.Min(a, b)).AsUInt16();
            Vector128<ushort> pairs = (difference & Vector128.Create((ushort)0xFF)) + (difference >> 8);
            // Multiplying by ones in each word sums the words into the top one.
            return ((pairs.AsUInt64() * 0x0001_0001_0001_0001UL) >> 48).AsByte();
        }
    }

    private static (Vector128<int> Low, Vector128<int> High) Products(Vector128<short> a, Vector128<short> b) =>
        (Vector128.WidenLower(a) * Vector128.WidenLower(b), Vector128.WidenUpper(a) * Vector128.WidenUpper(b));
}
