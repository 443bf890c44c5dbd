using System.Runtime.InteropServices;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>Linear RIP to host code, searched by generated code itself for indirect and cross-page branches.</summary>
internal static unsafe class HostJumps
{
    /// <summary>Entries; a power of two.</summary>
    internal const int Count = 1 << 14;

    /// <summary>Shift of the page number that is added to the RIP to form the hash.</summary>
    internal const int HashShift = 12;

    /// <summary>Remembers where the block at RipBase continues in the host.</summary>
    internal static void Remember(Cpu* cpu, byte* code)
    {
        ulong rip = cpu->RipBase;
        HostFrame* frame = (HostFrame*)cpu - 1;
        Entry* entry = cpu->HostJumps + ((rip + (rip >> HashShift)) & (Count - 1));
        entry->NegatedRip = 0 - rip;
        entry->NegatedContext = 0 - frame->Context;
        entry->Code = code;
        entry->Page = rip & ~0xFFFUL;
    }

    /// <summary>One remembered target; 32 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry
    {
        public ulong NegatedRip;
        public ulong NegatedContext;
        public byte* Code;
        public ulong Page;
    }
}
