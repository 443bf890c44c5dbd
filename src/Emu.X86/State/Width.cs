using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emu.X86.State;

/// <summary>
/// Operand widths as types, of which only the size matters; values travel zero-extended in a ulong. All branches fold at compile time.
/// </summary>
/// <remarks>
/// Handlers are instantiated over the types here and not over byte to ulong: ahead-of-time compilation (ReadyToRun) leaves out instantiations of
/// constrained generics over the framework's own types, and a start would spend most of its time in the just-in-time compiler.
/// </remarks>
public static unsafe class Width
{
    [StructLayout(LayoutKind.Sequential, Size = 1)]
    public readonly struct Byte;

    [StructLayout(LayoutKind.Sequential, Size = 2)]
    public readonly struct Word;

    [StructLayout(LayoutKind.Sequential, Size = 4)]
    public readonly struct Doubleword;

    [StructLayout(LayoutKind.Sequential, Size = 8)]
    public readonly struct Quadword;

    /// <summary>Bits of an operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bits<T>()
        where T : unmanaged => sizeof(T) * 8;

    /// <summary>All ones of the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mask<T>()
        where T : unmanaged => sizeof(T) == 8 ? ulong.MaxValue : (1UL << (sizeof(T) * 8)) - 1;

    /// <summary>The sign bit of the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Sign<T>()
        where T : unmanaged => 1UL << ((sizeof(T) * 8) - 1);

    /// <summary>Drops the bits above the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Truncate<T>(ulong value)
        where T : unmanaged
        => sizeof(T) switch { 1 => (byte)value, 2 => (ushort)value, 4 => (uint)value, _ => value };

    /// <summary>Extends the sign bit of the width to 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SignExtend<T>(ulong value)
        where T : unmanaged
        => sizeof(T) switch { 1 => (ulong)(sbyte)value, 2 => (ulong)(short)value, 4 => (ulong)(int)value, _ => value };

    /// <summary>Reads an operand, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load<T>(byte* address)
        where T : unmanaged
        => sizeof(T) switch { 1 => *address, 2 => *(ushort*)address, 4 => *(uint*)address, _ => *(ulong*)address };

    /// <summary>Writes exactly the width: a memory operand, or a register whose upper part stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(byte* address, ulong value)
        where T : unmanaged
    {
        if (sizeof(T) == 1)
            *address = (byte)value;
        else if (sizeof(T) == 2)
            *(ushort*)address = (ushort)value;
        else if (sizeof(T) == 4)
            *(uint*)address = (uint)value;
        else
            *(ulong*)address = value;
    }

    /// <summary>Writes a general register: a 32-bit result clears the upper half (SDM 1, 3.4.1.1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRegister<T>(byte* address, ulong value)
        where T : unmanaged
    {
        if (sizeof(T) == 4)
            *(ulong*)address = (uint)value;
        else
            Store<T>(address, value);
    }
}
