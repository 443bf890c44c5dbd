using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>Conversions whose destination is an XMM register.</summary>
internal static class ConversionOps
{
    /// <summary>CVTSS2SD, CVTSD2SS.</summary>
    internal readonly struct Scalar<TFrom, TTo> : IVectorFloatOp
        where TFrom : struct, IBinaryFormat
        where TTo : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            Elements.With<TTo>(a, 0, SseConversion.Convert<TFrom, TTo>(Elements.Get<TFrom>(b, 0), ref context));
    }

    /// <summary>CVTPS2PD, CVTPD2PS: two elements; the rest is cleared.</summary>
    internal readonly struct Pair<TFrom, TTo> : IVectorFloatOp
        where TFrom : struct, IBinaryFormat
        where TTo : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            Vector128<byte> result = Elements.With<TTo>(default, 0, SseConversion.Convert<TFrom, TTo>(Elements.Get<TFrom>(b, 0), ref context));
            return Elements.With<TTo>(result, 1, SseConversion.Convert<TFrom, TTo>(Elements.Get<TFrom>(b, 1), ref context));
        }
    }

    /// <summary>CVTSI2SS, CVTSI2SD; a 32-bit source when <typeparamref name="T"/> is uint.</summary>
    internal readonly struct FromGeneral<TTo, T> : IVectorFloatOp
        where TTo : struct, IBinaryFormat
        where T : unmanaged
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            Elements.With<TTo>(a, 0, SseConversion.FromInteger<TTo>((long)State.Width.SignExtend<T>(b.AsUInt64()[0]), ref context));
    }

    /// <summary>CVTDQ2PS, CVTDQ2PD.</summary>
    internal readonly struct FromDoublewords<TTo> : IVectorFloatOp
        where TTo : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            Vector128<byte> result = default;
            for (int i = 0; i < Elements.Count<TTo>(); i++)
                result = Elements.With<TTo>(result, i, SseConversion.FromInteger<TTo>(b.AsInt32()[i], ref context));
            return result;
        }
    }

    /// <summary>CVTPI2PS: two doublewords to the low singles; the upper half stays.</summary>
    internal readonly struct FromMmx : IVectorFloatOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            a = Elements.With<Binary32>(a, 0, SseConversion.FromInteger<Binary32>(b.AsInt32()[0], ref context));
            return Elements.With<Binary32>(a, 1, SseConversion.FromInteger<Binary32>(b.AsInt32()[1], ref context));
        }
    }

    /// <summary>CVTPS2DQ, CVTPD2DQ: rounded as MXCSR says.</summary>
    internal readonly struct ToDoublewords<TFrom> : IVectorFloatOp
        where TFrom : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            Integers<TFrom>(b, context.Rounding, ref context);
    }

    /// <summary>CVTTPS2DQ, CVTTPD2DQ.</summary>
    internal readonly struct ToDoublewordsTruncated<TFrom> : IVectorFloatOp
        where TFrom : struct, IBinaryFormat
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            Integers<TFrom>(b, RoundingMode.TowardZero, ref context);
    }

    internal static Vector128<byte> Integers<TFrom>(Vector128<byte> b, RoundingMode rounding, ref FloatContext context)
        where TFrom : struct, IBinaryFormat
    {
        Vector128<int> result = default;
        for (int i = 0; i < Elements.Count<TFrom>(); i++)
            result = result.WithElement(i, SseConversion.ToInt32<TFrom>(Elements.Get<TFrom>(b, i), rounding, ref context));
        return result.AsByte();
    }
}
