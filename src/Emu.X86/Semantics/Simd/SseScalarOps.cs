using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>ADDSx, SUBSx, MULSx, DIVSx, SQRTSx, MINSx, MAXSx; their packed forms apply them to each element.</summary>
internal static class SseScalarOps
{
    internal readonly struct Add : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.Add<T>(a, b, ref context);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => HostArithmetic.TryAddSticky<T>(a, b, out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TryAdd<T>(a, b, out result);
    }

    internal readonly struct Subtract : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.Subtract<T>(a, b, ref context);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => HostArithmetic.TrySubtractSticky<T>(a, b, out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TrySubtract<T>(a, b, out result);
    }

    internal readonly struct Multiply : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.Multiply<T>(a, b, ref context);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => HostArithmetic.TryMultiplySticky<T>(a, b, out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TryMultiply<T>(a, b, out result);
    }

    internal readonly struct Divide : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.Divide<T>(a, b, ref context);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => HostArithmetic.TryDivideSticky<T>(a, b, out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TryDivide<T>(a, b, out result);
    }

    internal readonly struct SquareRoot : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.SquareRoot<T>(b, ref context);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => HostArithmetic.TrySquareRootSticky<T>(b, out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TrySquareRoot<T>(b, out result);
    }

    internal readonly struct Minimum : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.Minimum<T>(a, b, ref context);

        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => Never(out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TryMinimum<T>(a, b, out result);
    }

    internal readonly struct Maximum : ISseScalar
    {
        public static ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
            where T : struct, IBinaryFormat => SseArithmetic.Maximum<T>(a, b, ref context);

        public static bool TryFast<T>(ulong a, ulong b, out ulong result)
            where T : struct, IBinaryFormat => Never(out result);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
            where T : struct, IBinaryFormat => HostVector.TryMaximum<T>(a, b, out result);
    }

    private static bool Never(out ulong result)
    {
        result = 0;
        return false;
    }
}
