using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>PMOVSXxx and PMOVZXxx.</summary>
internal static class PackedExtend
{
    internal readonly struct SignedBytesToWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.WidenLower(b.AsSByte()).AsByte();
    }

    internal readonly struct SignedWordsToDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.WidenLower(b.AsInt16()).AsByte();
    }

    internal readonly struct SignedDoublewordsToQuadwords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.WidenLower(b.AsInt32()).AsByte();
    }

    internal readonly struct BytesToWords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.WidenLower(b).AsByte();
    }

    internal readonly struct WordsToDoublewords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.WidenLower(b.AsUInt16()).AsByte();
    }

    internal readonly struct DoublewordsToQuadwords : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => Vector128.WidenLower(b.AsUInt32()).AsByte();
    }

    /// <summary>One extension after another.</summary>
    internal readonly struct Twice<TFirst, TSecond> : IVectorOp
        where TFirst : struct, IVectorOp
        where TSecond : struct, IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b) => TSecond.Apply(a, TFirst.Apply(a, b));
    }
}
