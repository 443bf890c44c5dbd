using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>RCPPS, RCPSS, RSQRTPS, RSQRTSS: estimates that raise no exception.</summary>
internal static class EstimateOps
{
    /// <summary>One element's estimate.</summary>
    internal interface IEstimate
    {
        static abstract uint Of(uint value);
    }

    internal readonly struct Reciprocal : IEstimate
    {
        public static uint Of(uint value) => SseEstimate.Reciprocal(value);
    }

    internal readonly struct ReciprocalSquareRoot : IEstimate
    {
        public static uint Of(uint value) => SseEstimate.ReciprocalSquareRoot(value);
    }

    internal readonly struct Each<TEstimate> : IVectorFloatOp
        where TEstimate : struct, IEstimate
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context)
        {
            Vector128<uint> x = b.AsUInt32();
            return Vector128.Create(TEstimate.Of(x[0]), TEstimate.Of(x[1]), TEstimate.Of(x[2]), TEstimate.Of(x[3])).AsByte();
        }
    }

    internal readonly struct First<TEstimate> : IVectorFloatOp
        where TEstimate : struct, IEstimate
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context) =>
            a.AsUInt32().WithElement(0, TEstimate.Of(b.AsUInt32()[0])).AsByte();
    }
}
