using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>A floating-point operation on one element of either format.</summary>
internal interface ISseScalar
{
    /// <summary>Destination element, source element.</summary>
    static abstract ulong Apply<T>(ulong a, ulong b, ref FloatContext context)
        where T : struct, IBinaryFormat;

    /// <summary>The result when nothing but an inexact result can come of it; the caller knows that this is sticky already and masked.</summary>
    static abstract bool TryFast<T>(ulong a, ulong b, out ulong result)
        where T : struct, IBinaryFormat;

    /// <summary>The same for each element of two registers.</summary>
    static abstract bool TryFast<T>(Vector128<byte> a, Vector128<byte> b, out Vector128<byte> result)
        where T : struct, IBinaryFormat;
}
