using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>A packed operation with an immediate.</summary>
internal interface IVectorImmediateOp
{
    /// <summary>Result from the destination operand, the source operand and the immediate.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate);
}
