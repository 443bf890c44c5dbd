using System.Runtime.CompilerServices;

namespace Emu.X86.Semantics.Float;

/// <summary>
/// The common case on the host's own arithmetic: default environment, operands and result normal and so far from the ends of the exponent range that
/// the only possible exception is inexactness. That is known to be sticky already, or found without error by a residual (IEEE 754 arithmetic is the same on
/// every host). Everything else is declined.
/// </summary>
internal static class HostArithmetic
{
    // Exponent fields that are accepted: no residual below can underflow, no result can overflow or be tiny.
    internal const uint Low64 = 512, Span64 = 1024, Low32 = 64, Span32 = 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAdd<T>(ulong a, ulong b, ref FloatContext context, out ulong result) where T : struct, IBinaryFormat
    {
        result = 0;
        if (!context.IsDefault || !IsCentral<T>(a) || !IsCentral<T>(b))
            return false;
        bool inexact;
        if (typeof(T) == typeof(Binary64))
        {
            double x = BitConverter.UInt64BitsToDouble(a), y = BitConverter.UInt64BitsToDouble(b), sum = x + y;
            double virtualY = sum - x;
            inexact = x - (sum - virtualY) + (y - virtualY) != 0;
            result = BitConverter.DoubleToUInt64Bits(sum);
        }
        else
        {
            float x = BitConverter.UInt32BitsToSingle((uint)a), y = BitConverter.UInt32BitsToSingle((uint)b), sum = x + y;
            float virtualY = sum - x;
            inexact = x - (sum - virtualY) + (y - virtualY) != 0;
            result = BitConverter.SingleToUInt32Bits(sum);
        }
        if (inexact)
            context.Raised |= FloatExceptions.Precision;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMultiply<T>(ulong a, ulong b, ref FloatContext context, out ulong result) where T : struct, IBinaryFormat
    {
        result = 0;
        if (!context.IsDefault || !IsCentral<T>(a) || !IsCentral<T>(b))
            return false;
        if (typeof(T) == typeof(Binary64))
        {
            double x = BitConverter.UInt64BitsToDouble(a), y = BitConverter.UInt64BitsToDouble(b), product = x * y;
            result = BitConverter.DoubleToUInt64Bits(product);
            if (!IsCentral<T>(result))
                return false;
            if ((context.Sticky & FloatExceptions.Precision) != FloatExceptions.None || Math.FusedMultiplyAdd(x, y, -product) != 0)
                context.Raised |= FloatExceptions.Precision;
        }
        else
        {
            // Two 24-bit significands multiply exactly in binary64.
            float x = BitConverter.UInt32BitsToSingle((uint)a), y = BitConverter.UInt32BitsToSingle((uint)b), product = x * y;
            result = BitConverter.SingleToUInt32Bits(product);
            if (!IsCentral<T>(result))
                return false;
            if ((double)x * y != product)
                context.Raised |= FloatExceptions.Precision;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDivide<T>(ulong a, ulong b, ref FloatContext context, out ulong result) where T : struct, IBinaryFormat
    {
        result = 0;
        if (!context.IsDefault || !IsCentral<T>(a) || !IsCentral<T>(b))
            return false;
        if (typeof(T) == typeof(Binary64))
        {
            double x = BitConverter.UInt64BitsToDouble(a), y = BitConverter.UInt64BitsToDouble(b), quotient = x / y;
            result = BitConverter.DoubleToUInt64Bits(quotient);
            if (!IsCentral<T>(result))
                return false;
            if ((context.Sticky & FloatExceptions.Precision) != FloatExceptions.None || Math.FusedMultiplyAdd(quotient, y, -x) != 0)
                context.Raised |= FloatExceptions.Precision;
        }
        else
        {
            float x = BitConverter.UInt32BitsToSingle((uint)a), y = BitConverter.UInt32BitsToSingle((uint)b), quotient = x / y;
            result = BitConverter.SingleToUInt32Bits(quotient);
            if (!IsCentral<T>(result))
                return false;
            if ((double)quotient * y != x)
                context.Raised |= FloatExceptions.Precision;
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySquareRoot<T>(ulong a, ref FloatContext context, out ulong result) where T : struct, IBinaryFormat
    {
        result = 0;
        if (!context.IsDefault || !IsCentral<T>(a) || (a & Format<T>.SignBit) != 0)
            return false;
        if (typeof(T) == typeof(Binary64))
        {
            double x = BitConverter.UInt64BitsToDouble(a), root = Math.Sqrt(x);
            result = BitConverter.DoubleToUInt64Bits(root);
            if ((context.Sticky & FloatExceptions.Precision) != FloatExceptions.None || Math.FusedMultiplyAdd(root, root, -x) != 0)
                context.Raised |= FloatExceptions.Precision;
        }
        else
        {
            float x = BitConverter.UInt32BitsToSingle((uint)a), root = MathF.Sqrt(x);
            result = BitConverter.SingleToUInt32Bits(root);
            if ((double)root * root != x)
                context.Raised |= FloatExceptions.Precision;
        }
        return true;
    }

    /// <summary>Sum, when inexactness is sticky already and all else is default.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAddSticky<T>(ulong a, ulong b, out ulong result)
        where T : struct, IBinaryFormat
    {
        result = typeof(T) == typeof(Binary64)
            ? BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(a) + BitConverter.UInt64BitsToDouble(b))
            : BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)a) + BitConverter.UInt32BitsToSingle((uint)b));
        return (IsCentral<T>(a) || a == 0) && (IsCentral<T>(b) || b == 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySubtractSticky<T>(ulong a, ulong b, out ulong result)
        where T : struct, IBinaryFormat
    {
        result = typeof(T) == typeof(Binary64)
            ? BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(a) - BitConverter.UInt64BitsToDouble(b))
            : BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)a) - BitConverter.UInt32BitsToSingle((uint)b));
        return (IsCentral<T>(a) || a == 0) && (IsCentral<T>(b) || b == 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMultiplySticky<T>(ulong a, ulong b, out ulong result)
        where T : struct, IBinaryFormat
    {
        result = typeof(T) == typeof(Binary64)
            ? BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(a) * BitConverter.UInt64BitsToDouble(b))
            : BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)a) * BitConverter.UInt32BitsToSingle((uint)b));
        return IsCentral<T>(a) && IsCentral<T>(b) && IsCentral<T>(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDivideSticky<T>(ulong a, ulong b, out ulong result)
        where T : struct, IBinaryFormat
    {
        result = typeof(T) == typeof(Binary64)
            ? BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(a) / BitConverter.UInt64BitsToDouble(b))
            : BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)a) / BitConverter.UInt32BitsToSingle((uint)b));
        return IsCentral<T>(a) && IsCentral<T>(b) && IsCentral<T>(result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySquareRootSticky<T>(ulong a, out ulong result)
        where T : struct, IBinaryFormat
    {
        result = typeof(T) == typeof(Binary64)
            ? BitConverter.DoubleToUInt64Bits(Math.Sqrt(BitConverter.UInt64BitsToDouble(a)))
            : BitConverter.SingleToUInt32Bits(MathF.Sqrt(BitConverter.UInt32BitsToSingle((uint)a)));
        return IsCentral<T>(a) && (a & Format<T>.SignBit) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsCentral<T>(ulong value) where T : struct, IBinaryFormat =>
        typeof(T) == typeof(Binary64)
            ? ((uint)(value >> 52) & 0x7ff) - Low64 < Span64
            : ((uint)(value >> 23) & 0xff) - Low32 < Span32;
}
