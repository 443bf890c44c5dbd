using System.Runtime.Intrinsics;
using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.Simd;

/// <summary>Elements of a vector by floating-point format.</summary>
internal static class Elements
{
    internal static int Count<T>()
        where T : struct, IBinaryFormat => T.Precision == 24 ? 4 : 2;

    internal static ulong Get<T>(Vector128<byte> vector, int index)
        where T : struct, IBinaryFormat => T.Precision == 24 ? vector.AsUInt32()[index] : vector.AsUInt64()[index];

    internal static Vector128<byte> With<T>(Vector128<byte> vector, int index, ulong value)
        where T : struct, IBinaryFormat => T.Precision == 24
            ? vector.AsUInt32().WithElement(index, (uint)value).AsByte()
            : vector.AsUInt64().WithElement(index, value).AsByte();
}
