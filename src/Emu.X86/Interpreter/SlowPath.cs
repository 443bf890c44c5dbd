using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Interpreter;

/// <summary>
/// Serves a fast-path access that missed. After filling the TLB the op simply runs again. Where no entry may be filled (page crossing, MMIO,
/// frames with code or page tables) the op runs once, alone, with an entry that leads to the right place for just that access.
/// </summary>
public static unsafe class SlowPath
{
    /// <summary>Called by a handler whose <c>ForRead</c>/<c>ForWrite</c> missed, as its last act.</summary>
    public static Op* Memory(Cpu* cpu, Op* op)
    {
        ulong linear = AddressOf(cpu, op);
        return cpu->Processor.Mmu.ServeMiss(op, linear) switch
        {
            MissOutcome.Filled => op->Fn(cpu, op),
            MissOutcome.Fault => Leave.Fault(cpu, op),
            MissOutcome.Watched => cpu->Processor.Mmu.RunWatched(op, linear),
            _ => cpu->Processor.Mmu.RunAlone(op, linear),
        };
    }

    /// <summary>The linear address of the op's fast-path access.</summary>
    public static ulong AddressOf(Cpu* cpu, Op* op)
    {
        if ((op->Access & Access.Push) != 0)
            return *cpu->Gpr(GeneralRegister.Rsp) - (ulong)(op->Access & Access.SizeMask);
        return (op->Access & Access.Pop) != 0 ? *cpu->Gpr(GeneralRegister.Rsp) : op->Address(cpu);
    }
}
