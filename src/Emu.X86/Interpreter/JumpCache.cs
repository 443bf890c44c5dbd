using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emu.X86.State;

namespace Emu.X86.Interpreter;

/// <summary>
/// Linear RIP to block, for indirect and cross-page branches. An entry holds only in the context it was made in: the context number changes
/// with CR3, privilege view, code size and whenever a cached translation of code is dropped.
/// </summary>
public static unsafe class JumpCache
{
    /// <summary>Entries; a power of two.</summary>
    public const int Count = 4096;

    /// <summary>Where a RIP's entry is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Entry* At(Cpu* cpu, ulong rip) => cpu->Jumps + ((rip ^ (rip >> 12) ^ (cpu->Context << 1)) & (Count - 1)); // processes run the same programs

    /// <summary>The block that is remembered for a linear RIP. What was found is a legal target: it has been run from this context before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryFind(Cpu* cpu, ulong rip, out Block* block)
    {
        Entry* entry = At(cpu, rip);
        block = entry->Block;
        return entry->Rip == rip && entry->Context == cpu->Context;
    }

    /// <summary>Goes on at a linear RIP, which <see cref="Cpu.RipBase"/> already holds: in the block that is remembered for it, or by way of the dispatcher.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Enter(Cpu* cpu, ulong rip)
    {
        if (TryFind(cpu, rip, out Block* block))
            return Leave.Enter(cpu, block);
        cpu->Exit = Exit.Lookup;
        cpu->LinkSite = null;
        return null;
    }

    /// <summary>One remembered branch target.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Entry
    {
        public ulong Rip;
        public ulong Context;
        public Block* Block;
        private readonly ulong _pad;
    }
}
