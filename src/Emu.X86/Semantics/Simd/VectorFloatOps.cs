using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>Packed arithmetic, comparisons, rounding, horizontal operations and dot products.</summary>
internal static class VectorFloatOps
{
    /// <summary>ADDPS, ADDPD and so on.</summary>
    internal readonly struct Each<TOp, TFormat> : IVectorFloatOp
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            for (int i = 0; i < Elements.Count<TFormat>(); i++)
                a = Elements.With<TFormat>(a, i, TOp.Apply<TFormat>(Elements.Get<TFormat>(a, i), Elements.Get<TFormat>(b, i), ref context));
            return a;
        }
    }

    /// <summary>CMPPS, CMPPD: all ones where the predicate holds.</summary>
    internal readonly struct Compare<TFormat> : IVectorFloatOp
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            for (int i = 0; i < Elements.Count<TFormat>(); i++)
                a = Elements.With<TFormat>(a, i, Test<TFormat>(a, b, i, immediate, ref context));
            return a;
        }
    }

    /// <summary>CMPSS, CMPSD.</summary>
    internal readonly struct CompareScalar<TFormat> : IVectorFloatOp
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            Elements.With<TFormat>(a, 0, Test<TFormat>(a, b, 0, immediate, ref context));
    }

    /// <summary>ROUNDPS, ROUNDPD.</summary>
    internal readonly struct Round<TFormat> : IVectorFloatOp
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            for (int i = 0; i < Elements.Count<TFormat>(); i++)
                a = Elements.With<TFormat>(a, i, SseConversion.RoundToIntegral<TFormat>(Elements.Get<TFormat>(b, i), immediate, ref context));
            return a;
        }
    }

    /// <summary>ROUNDSS, ROUNDSD.</summary>
    internal readonly struct RoundScalar<TFormat> : IVectorFloatOp
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            Elements.With<TFormat>(a, 0, SseConversion.RoundToIntegral<TFormat>(Elements.Get<TFormat>(b, 0), immediate, ref context));
    }

    /// <summary>HADDPx, HSUBPx: the operation on the pairs of the destination, then of the source.</summary>
    internal readonly struct Horizontal<TOp, TFormat> : IVectorFloatOp
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            Vector128<byte> result = a;
            int half = Elements.Count<TFormat>() / 2;
            for (int i = 0; i < 2 * half; i++)
            {
                Vector128<byte> source = i < half ? a : b;
                int pair = 2 * (i % half);
                result = Elements.With<TFormat>(result, i, TOp.Apply<TFormat>(Elements.Get<TFormat>(source, pair), Elements.Get<TFormat>(source, pair + 1), ref context));
            }

            return result;
        }
    }

    /// <summary>ADDSUBPx: even elements are subtracted, odd ones added.</summary>
    internal readonly struct AddSubtract<TFormat> : IVectorFloatOp
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            for (int i = 0; i < Elements.Count<TFormat>(); i++)
            {
                ulong left = Elements.Get<TFormat>(a, i), right = Elements.Get<TFormat>(b, i);
                a = Elements.With<TFormat>(a, i, (i & 1) == 0 ? SseArithmetic.Subtract<TFormat>(left, right, ref context) : SseArithmetic.Add<TFormat>(left, right, ref context));
            }

            return a;
        }
    }

    /// <summary>DPPS, DPPD: products selected by the upper half of the immediate, summed in pairs, broadcast by the lower half. SDM 2A.</summary>
    internal readonly struct DotProduct<TFormat> : IVectorFloatOp
        where TFormat : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            int count = Elements.Count<TFormat>();
            Vector128<byte> products = default;
            for (int i = 0; i < count; i++)
            {
                if ((immediate >> (4 + i) & 1) != 0)
                    products = Elements.With<TFormat>(products, i, SseArithmetic.Multiply<TFormat>(Elements.Get<TFormat>(a, i), Elements.Get<TFormat>(b, i), ref context));
            }

            // An unmasked exception of the products comes before the sums.
            if (context.Unmasked != FloatExceptions.None)
                return a;
            // Each element adds up for itself, which shows in the NaN it gets.
            Vector128<byte> sums = Pairs<TFormat>(products, 1, ownFirst: count == 2, ref context);
            if (count == 4)
            {
                if (context.Unmasked != FloatExceptions.None)
                    return a;
                sums = Pairs<TFormat>(sums, 2, ownFirst: true, ref context);
            }

            for (int i = 0; i < count; i++)
            {
                if ((immediate >> i & 1) == 0)
                    sums = Elements.With<TFormat>(sums, i, 0);
            }

            return sums;
        }
    }

    /// <summary>Adds to each element the one whose index differs in one bit.</summary>
    private static Vector128<byte> Pairs<TFormat>(Vector128<byte> terms, int distance, bool ownFirst, ref FloatContext context)
        where TFormat : struct, IBinaryFormat
    {
        Vector128<byte> result = terms;
        for (int i = 0; i < Elements.Count<TFormat>(); i++)
        {
            ulong own = Elements.Get<TFormat>(terms, i), other = Elements.Get<TFormat>(terms, i ^ distance);
            result = Elements.With<TFormat>(result, i, ownFirst ? SseArithmetic.Add<TFormat>(own, other, ref context) : SseArithmetic.Add<TFormat>(other, own, ref context));
        }

        return result;
    }

    private static ulong Test<TFormat>(Vector128<byte> a, Vector128<byte> b, int index, byte immediate, ref FloatContext context)
        where TFormat : struct, IBinaryFormat =>
        SseComparison.Test<TFormat>(Elements.Get<TFormat>(a, index), Elements.Get<TFormat>(b, index), immediate & 7, ref context) ? ulong.MaxValue : 0;
}
