using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>RDTSC, RDTSCP, RDPMC. One tick of the machine is one count of the TSC.</summary>
internal static unsafe class TimeOps
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Rdtsc", &Rdtsc);
        rows.Add("Rdtscp", &Rdtscp);
        rows.Add("Rdpmc", &Rdpmc, traits: RowTraits.EndsBlock);
    }

    private static Op* Rdtsc(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Cr4 & ControlBits.Cr4Tsd) != 0 && cpu->State.Cpl != 0)
            return Privilege.Protect(cpu, op);
        Store(cpu, cpu->TickAt(op) + cpu->State.TscAdjust);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Rdtscp(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Cr4 & ControlBits.Cr4Tsd) != 0 && cpu->State.Cpl != 0)
            return Privilege.Protect(cpu, op);
        Store(cpu, cpu->TickAt(op) + cpu->State.TscAdjust);
        *cpu->Gpr(GeneralRegister.Rcx) = (uint)cpu->State.TscAux;
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>There are no performance counters: every number is out of range.</summary>
    private static Op* Rdpmc(Cpu* cpu, Op* op) => Privilege.Protect(cpu, op);

    private static void Store(Cpu* cpu, ulong value)
    {
        *cpu->Gpr(GeneralRegister.Rax) = (uint)value;
        *cpu->Gpr(GeneralRegister.Rdx) = value >> 32;
    }
}
