using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>A floating-point operation on whole registers.</summary>
internal interface IVectorFloatOp
{
    /// <summary>The new destination from destination, source and immediate.</summary>
    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, byte immediate, ref FloatContext context);
}
