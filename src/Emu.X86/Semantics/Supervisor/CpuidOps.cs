using Emu.X86.Cpuid;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>CPUID. SDM 2A.</summary>
internal static unsafe class CpuidOps
{
    internal static void Add(RowBuilder rows) => rows.Add("Cpuid", &Execute);

    private static Op* Execute(Cpu* cpu, Op* op)
    {
        CpuidLeaf leaf = CpuidTable.Answer(in cpu->State, cpu->Processor.Apic.ApicBase, (uint)*cpu->Gpr(GeneralRegister.Rax), (uint)*cpu->Gpr(GeneralRegister.Rcx));
        *cpu->Gpr(GeneralRegister.Rax) = leaf.Eax;
        *cpu->Gpr(GeneralRegister.Rbx) = leaf.Ebx;
        *cpu->Gpr(GeneralRegister.Rcx) = leaf.Ecx;
        *cpu->Gpr(GeneralRegister.Rdx) = leaf.Edx;
        return op[1].Fn(cpu, op + 1);
    }
}
