using Emu.X86.Interpreter;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>LAR, LSL, VERR, VERW, ARPL: questions about selectors that answer with ZF. SDM 2A, 2B; 3A 5.10.</summary>
internal static unsafe class SegmentQueries
{
    internal static void Add(RowBuilder rows)
    {
        foreach (string size in (string[])["r16_rm16", "r32_r32m16", "r64_r64m16"])
        {
            rows.Add("Lar_" + size, &Lar, &LarMemory);
            rows.Add("Lsl_" + size, &Lsl, &LslMemory);
        }

        foreach (string size in (string[])["rm16", "r32m16", "r64m16"])
        {
            rows.Add("Verr_" + size, &Verr, &VerrMemory);
            rows.Add("Verw_" + size, &Verw, &VerwMemory);
        }

        rows.Add("Arpl_rm16_r16", &Arpl, &ArplMemory);
        rows.Add("Arpl_r32m16_r32", &Arpl, &ArplMemory);
    }

    private static Op* Lar(Cpu* cpu, Op* op) => Load(cpu, op, *(ushort*)Cpu.At(cpu, op->Src), rights: true);

    private static Op* Lsl(Cpu* cpu, Op* op) => Load(cpu, op, *(ushort*)Cpu.At(cpu, op->Src), rights: false);

    private static Op* LarMemory(Cpu* cpu, Op* op)
        => Cpu.TryRead(cpu, op, op->Address(cpu), out ushort selector) ? Load(cpu, op, selector, rights: true) : Leave.Fault(cpu, op);

    private static Op* LslMemory(Cpu* cpu, Op* op)
        => Cpu.TryRead(cpu, op, op->Address(cpu), out ushort selector) ? Load(cpu, op, selector, rights: false) : Leave.Fault(cpu, op);

    private static Op* Verr(Cpu* cpu, Op* op) => Verify(cpu, op, *(ushort*)Cpu.At(cpu, op->Dst), write: false);

    private static Op* Verw(Cpu* cpu, Op* op) => Verify(cpu, op, *(ushort*)Cpu.At(cpu, op->Dst), write: true);

    private static Op* VerrMemory(Cpu* cpu, Op* op)
        => Cpu.TryRead(cpu, op, op->Address(cpu), out ushort selector) ? Verify(cpu, op, selector, write: false) : Leave.Fault(cpu, op);

    private static Op* VerwMemory(Cpu* cpu, Op* op)
        => Cpu.TryRead(cpu, op, op->Address(cpu), out ushort selector) ? Verify(cpu, op, selector, write: true) : Leave.Fault(cpu, op);

    private static Op* Load(Cpu* cpu, Op* op, ushort selector, bool rights)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        if (!TryFind(cpu, selector, out Descriptor descriptor, out bool fault))
            return fault ? Leave.Fault(cpu, op) : Answer(cpu, op, valid: false);
        bool valid = IsVisible(cpu, descriptor, selector) && (descriptor.IsCodeOrData || IsKnown(cpu, descriptor.Type, rights));
        if (valid)
        {
            ulong value = rights ? (descriptor.Raw >> 32) & 0x00F0_FF00 : descriptor.Limit;
            if (op->OperandSize == 2)
                *(ushort*)Cpu.At(cpu, op->Dst) = (ushort)value;
            else
                *(ulong*)Cpu.At(cpu, op->Dst) = value;
        }

        return Answer(cpu, op, valid);
    }

    private static Op* Verify(Cpu* cpu, Op* op, ushort selector, bool write)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        if (!TryFind(cpu, selector, out Descriptor descriptor, out bool fault))
            return fault ? Leave.Fault(cpu, op) : Answer(cpu, op, valid: false);
        bool valid = descriptor.IsCodeOrData && IsVisible(cpu, descriptor, selector) && (write ? descriptor.IsWritableData : descriptor.IsReadable);
        return Answer(cpu, op, valid);
    }

    private static bool TryFind(Cpu* cpu, ushort selector, out Descriptor descriptor, out bool fault)
    {
        descriptor = default;
        fault = false;
        if (SegmentUnit.IsNull(selector))
            return false;
        if (cpu->Processor.Segments.TryRead(selector, Exceptions.Vector.Gp, 0, out descriptor, out _))
            return true;
        fault = cpu->Fault.Vector == Exceptions.Vector.Pf;
        return false;
    }

    private static bool IsVisible(Cpu* cpu, Descriptor descriptor, ushort selector)
        => descriptor.IsConforming || (descriptor.Dpl >= cpu->State.Cpl && descriptor.Dpl >= (selector & 3));

    /// <summary>System types with an answer (SDM 2A, table 3-53; 2B, table 3-56).</summary>
    private static bool IsKnown(Cpu* cpu, int type, bool rights)
    {
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        if (longMode)
            return type is 2 or 9 or 0xB || (rights && type == 0xC);
        return type is 1 or 2 or 3 or 9 or 0xB || (rights && type is 4 or 5 or 0xC);
    }

    private static Op* Answer(Cpu* cpu, Op* op, bool valid)
    {
        SetZero(cpu, valid);
        return Leave.Next(cpu, op);
    }

    private static void SetZero(Cpu* cpu, bool zero) => cpu->SetStatus(zero ? cpu->RflagsValue | Rflags.Zf : cpu->RflagsValue & ~Rflags.Zf);

    private static Op* Arpl(Cpu* cpu, Op* op)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        ushort* target = (ushort*)Cpu.At(cpu, op->Dst);
        bool adjusted = Adjust(*target, *(ushort*)Cpu.At(cpu, op->Src), out ushort result);
        *target = result;
        SetZero(cpu, adjusted);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ArplMemory(Cpu* cpu, Op* op)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        ulong address = op->Address(cpu);
        if (!Cpu.TryRead(cpu, op, address, out ushort target))
            return Leave.Fault(cpu, op);
        bool adjusted = Adjust(target, *(ushort*)Cpu.At(cpu, op->Src), out ushort result);
        if (adjusted && !Cpu.TryWrite(cpu, op, address, result))
            return Leave.Fault(cpu, op);
        SetZero(cpu, adjusted);
        return Leave.Next(cpu, op);
    }

    private static bool Adjust(ushort target, ushort source, out ushort result)
    {
        bool lower = (target & 3) < (source & 3);
        result = lower ? (ushort)((target & ~3) | (source & 3)) : target;
        return lower;
    }
}
