using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>A packed integer or bitwise operation. For MMX the operands' upper halves are zero and the result's upper half is dropped.</summary>
internal interface IVectorOp
{
    /// <summary>Result from the destination operand and the source operand.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b);
}
