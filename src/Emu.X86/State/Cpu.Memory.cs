using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Paging;

namespace Emu.X86.State;

/// <content>The two ways a handler reaches memory: straight through the TLB (null on a miss), or precisely in every case.</content>
public unsafe partial struct Cpu
{
    /// <summary>Fast path for a read. False on a miss: return <c>SlowPath.Memory(cpu, op)</c>; nothing visible may have happened yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ForRead<T>(Cpu* cpu, ulong linear, out byte* host)
        where T : unmanaged
    {
        TlbEntry* entry = TlbEntry.For(cpu->Tlb, linear);
        host = (byte*)(linear + entry->Delta);
        return linear + entry->ReadBias <= 4096 - (ulong)sizeof(T);
    }

    /// <summary>Fast path for a write or a read-modify-write. False on a miss, as for <see cref="ForRead"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ForWrite<T>(Cpu* cpu, ulong linear, out byte* host)
        where T : unmanaged
    {
        TlbEntry* entry = TlbEntry.For(cpu->Tlb, linear);
        host = (byte*)(linear + entry->Delta);
        return linear + entry->WriteBias <= 4096 - (ulong)sizeof(T);
    }

    /// <summary>Reads at the current privilege, wherever it lies (page crossing, MMIO). A handler that uses it goes on with <c>Leave.Next</c>.</summary>
    /// <returns>False when it faults: <see cref="Fault"/> is set and the handler returns <c>Leave.Fault(cpu, op)</c>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead<T>(Cpu* cpu, Op* op, ulong linear, out T value)
        where T : unmanaged
    {
        if (!ForRead<T>(cpu, linear, out byte* host))
            return cpu->Processor.Mmu.TryReadSlow(op, linear, out value);
        value = Unsafe.ReadUnaligned<T>(host);
        return true;
    }

    /// <summary>Writes at the current privilege, wherever it lies; all or nothing.</summary>
    /// <returns>False when it faults: as for <see cref="TryRead"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryWrite<T>(Cpu* cpu, Op* op, ulong linear, T value)
        where T : unmanaged
    {
        if (!ForWrite<T>(cpu, linear, out byte* host))
            return cpu->Processor.Mmu.TryWriteSlow(op, linear, value);
        Unsafe.WriteUnaligned(host, value);
        return true;
    }
}
