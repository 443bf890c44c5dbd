using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>INVLPG, INVPCID, INVD, WBINVD: caches are invisible here, so only the checks remain, and the model of a TLB that may be told. SDM 2A, 2B.</summary>
internal static unsafe class CacheOps
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Invlpg_m", null, &Invlpg, traits: RowTraits.AddressOnly);
        rows.Add("Invd", &Privileged);
        rows.Add("Wbinvd", &Privileged);
        rows.Add("Invpcid_r32_m128", null, &Invpcid);
        rows.Add("Invpcid_r64_m128", null, &Invpcid);
    }

    private static Op* Privileged(Cpu* cpu, Op* op) => Privilege.IsKernel(cpu) ? op[1].Fn(cpu, op + 1) : Privilege.Protect(cpu, op);

    private static Op* Invlpg(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        cpu->Processor.Mmu.InvalidatePage(op->Address(cpu));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Invpcid(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        ulong type = *(ulong*)Cpu.At(cpu, op->Dst);
        if (!cpu->Is64Bit)
            type = (uint)type;
        if (!Cpu.TryRead(cpu, op, op->Address(cpu), out UInt128 descriptor))
            return Leave.Fault(cpu, op);
        ulong pcid = (ulong)descriptor;
        bool usesPcid = type <= 1;
        bool wrong = type > 3
            || pcid >> 12 != 0
            || (usesPcid && pcid != 0 && (cpu->State.Cr4 & ControlBits.Cr4Pcide) == 0)
            || (type == 0 && !Mmu.IsCanonical((ulong)(descriptor >> 64)));
        if (wrong)
            return Leave.Fault(cpu, op, Vector.Gp);
        cpu->Processor.Mmu.InvalidatePcid(type, (ushort)pcid, (ulong)(descriptor >> 64));
        return Leave.Next(cpu, op);
    }
}
