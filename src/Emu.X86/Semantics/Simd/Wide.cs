using System.Runtime.Intrinsics;

namespace Emu.X86.Semantics.Simd;

/// <summary>A vector as one 128-bit number and back.</summary>
internal static class Wide
{
    internal static UInt128 To(Vector128<byte> value) => new(value.AsUInt64()[1], value.AsUInt64()[0]);

    internal static Vector128<byte> From(UInt128 value) => Vector128.Create((ulong)value, (ulong)(value >> 64)).AsByte();
}
