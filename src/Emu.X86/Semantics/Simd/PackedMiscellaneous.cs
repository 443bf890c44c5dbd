using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>MPSADBW and PHMINPOSUW.</summary>
internal static class PackedMiscellaneous
{
    /// <summary>MPSADBW: eight sums of four absolute differences; the immediate chooses the offsets of both operands.</summary>
    internal readonly struct MultipleSums : IVectorImmediateOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate)
        {
            int first = (immediate >> 2 & 1) * 4, second = (immediate & 3) * 4;
            Vector128<ushort> result = default;
            for (int i = 0; i < 8; i++)
            {
                int sum = 0;
                for (int k = 0; k < 4; k++)
                    sum += Math.Abs(a[first + i + k] - b[second + k]);
                result = result.WithElement(i, (ushort)sum);
            }

            return result.AsByte();
        }
    }

    /// <summary>PHMINPOSUW: the least word and its index, the rest cleared.</summary>
    internal readonly struct HorizontalMinimum : IVectorOp
    {
        public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b)
        {
            Vector128<ushort> words = b.AsUInt16();
            int best = 0;
            for (int i = 1; i < 8; i++)
            {
                if (words[i] < words[best])
                    best = i;
            }

            return Vector128.CreateScalar(words[best] | (ulong)best << 16).AsByte();
        }
    }
}
