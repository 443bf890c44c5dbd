using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Float;

/// <summary>
/// <see cref="HostArithmetic"/> on whole XMM registers: the environment is the default one and an inexact result is sticky already, so that ordinary
/// elements leave nothing to find out. One element that is not ordinary declines them all.
/// </summary>
internal static class HostVector
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAdd<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        result = IsDouble<T>() ? (a.AsDouble() + b.AsDouble()).AsByte() : (a.AsSingle() + b.AsSingle()).AsByte();
        return All((Central<T>(a) | Zero<T>(a)) & (Central<T>(b) | Zero<T>(b)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySubtract<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        result = IsDouble<T>() ? (a.AsDouble() - b.AsDouble()).AsByte() : (a.AsSingle() - b.AsSingle()).AsByte();
        return All((Central<T>(a) | Zero<T>(a)) & (Central<T>(b) | Zero<T>(b)));
    }

    /// <summary>A zero times something ordinary is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMultiply<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        result = IsDouble<T>() ? (a.AsDouble() * b.AsDouble()).AsByte() : (a.AsSingle() * b.AsSingle()).AsByte();
        Vector128<byte> zeroA = Zero<T>(a), zeroB = Zero<T>(b);
        return All((Central<T>(a) | zeroA) & (Central<T>(b) | zeroB) & (Central<T>(result) | zeroA | zeroB));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDivide<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        result = IsDouble<T>() ? (a.AsDouble() / b.AsDouble()).AsByte() : (a.AsSingle() / b.AsSingle()).AsByte();
        return All(Central<T>(a) & Central<T>(b) & Central<T>(result));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySquareRoot<T>(Vector128<byte> a, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        result = IsDouble<T>() ? Vector128.Sqrt(a.AsDouble()).AsByte() : Vector128.Sqrt(a.AsSingle()).AsByte();
        return All(Central<T>(a)) && (IsDouble<T>() ? a.AsDouble().ExtractMostSignificantBits() : a.AsSingle().ExtractMostSignificantBits()) == 0;
    }

    /// <summary>Of two zeros the second is the result, whatever their signs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMinimum<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        Vector128<byte> less = IsDouble<T>() ? Vector128.LessThan(a.AsDouble(), b.AsDouble()).AsByte() : Vector128.LessThan(a.AsSingle(), b.AsSingle()).AsByte();
        result = Vector128.ConditionalSelect(less, a, b);
        return All((Central<T>(a) | Zero<T>(a)) & (Central<T>(b) | Zero<T>(b)));
    }

    /// <summary>Of two zeros the second is the result, whatever their signs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMaximum<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result) where T : struct, IBinaryFormat
    {
        Vector128<byte> greater = IsDouble<T>() ? Vector128.GreaterThan(a.AsDouble(), b.AsDouble()).AsByte() : Vector128.GreaterThan(a.AsSingle(), b.AsSingle()).AsByte();
        result = Vector128.ConditionalSelect(greater, a, b);
        return All((Central<T>(a) | Zero<T>(a)) & (Central<T>(b) | Zero<T>(b)));
    }

    /// <summary>All ones in each element whose exponent field lies in the range of <see cref="HostArithmetic"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Central<T>(Vector128<byte> value) where T : struct, IBinaryFormat
    {
        if (IsDouble<T>())
        {
            Vector128<long> magnitude = value.AsInt64() & Vector128.Create(long.MaxValue);
            return (Vector128.GreaterThanOrEqual(magnitude, Vector128.Create((long)HostArithmetic.Low64 << 52))
                & Vector128.LessThan(magnitude, Vector128.Create((long)(HostArithmetic.Low64 + HostArithmetic.Span64) << 52))).AsByte();
        }
        else
        {
            Vector128<int> magnitude = value.AsInt32() & Vector128.Create(int.MaxValue);
            return (Vector128.GreaterThanOrEqual(magnitude, Vector128.Create((int)HostArithmetic.Low32 << 23))
                & Vector128.LessThan(magnitude, Vector128.Create((int)(HostArithmetic.Low32 + HostArithmetic.Span32) << 23))).AsByte();
        }
    }

    /// <summary>All ones in each element that is a zero of either sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Zero<T>(Vector128<byte> value) where T : struct, IBinaryFormat => IsDouble<T>()
        ? Vector128.Equals(value.AsInt64() & Vector128.Create(long.MaxValue), Vector128<long>.Zero).AsByte()
        : Vector128.Equals(value.AsInt32() & Vector128.Create(int.MaxValue), Vector128<int>.Zero).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool All(Vector128<byte> mask) => mask == Vector128<byte>.AllBitsSet;

    private static bool IsDouble<T>() where T : struct, IBinaryFormat => typeof(T) == typeof(Binary64);
}
