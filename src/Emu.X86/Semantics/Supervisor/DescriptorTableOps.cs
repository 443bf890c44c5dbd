using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>LGDT, LIDT, SGDT, SIDT, LLDT, SLDT, LTR, STR. SDM 2A, 2B.</summary>
internal static unsafe class DescriptorTableOps
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Sgdt_m1632_16", null, &Sgdt);
        rows.Add("Sgdt_m1632", null, &Sgdt);
        rows.Add("Sgdt_m1664", null, &Sgdt);
        rows.Add("Sidt_m1632_16", null, &Sidt);
        rows.Add("Sidt_m1632", null, &Sidt);
        rows.Add("Sidt_m1664", null, &Sidt);
        rows.Add("Lgdt_m1632_16", null, &Lgdt16);
        rows.Add("Lgdt_m1632", null, &Lgdt);
        rows.Add("Lgdt_m1664", null, &Lgdt);
        rows.Add("Lidt_m1632_16", null, &Lidt16);
        rows.Add("Lidt_m1632", null, &Lidt);
        rows.Add("Lidt_m1664", null, &Lidt);
        foreach (string form in (string[])["_rm16", "_r32m16", "_r64m16"])
        {
            rows.Add("Sldt" + form, &Sldt, &SldtMemory);
            rows.Add("Str" + form, &Str, &StrMemory);
            rows.Add("Lldt" + form, &Lldt, &LldtMemory);
            rows.Add("Ltr" + form, &Ltr, &LtrMemory);
        }
    }

    private static Op* Sgdt(Cpu* cpu, Op* op) => Store(cpu, op, ref cpu->State.Gdtr);

    private static Op* Sidt(Cpu* cpu, Op* op) => Store(cpu, op, ref cpu->State.Idtr);

    private static Op* Lgdt(Cpu* cpu, Op* op) => Load(cpu, op, ref cpu->State.Gdtr, ulong.MaxValue);

    private static Op* Lgdt16(Cpu* cpu, Op* op) => Load(cpu, op, ref cpu->State.Gdtr, 0xFF_FFFF);

    private static Op* Lidt(Cpu* cpu, Op* op) => Load(cpu, op, ref cpu->State.Idtr, ulong.MaxValue);

    private static Op* Lidt16(Cpu* cpu, Op* op) => Load(cpu, op, ref cpu->State.Idtr, 0xFF_FFFF);

    private static Op* Store(Cpu* cpu, Op* op, ref DescriptorTable table)
    {
        ulong address = op->Address(cpu);
        bool done = Cpu.TryWrite(cpu, op, address, (ushort)table.Limit)
            && (cpu->Is64Bit ? Cpu.TryWrite(cpu, op, address + 2, table.Base) : Cpu.TryWrite(cpu, op, address + 2, (uint)table.Base));
        return done ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    private static Op* Load(Cpu* cpu, Op* op, ref DescriptorTable table, ulong mask)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        ulong address = op->Address(cpu);
        if (!Cpu.TryRead(cpu, op, address, out ushort limit))
            return Leave.Fault(cpu, op);
        ulong value;
        if (cpu->Is64Bit)
        {
            if (!Cpu.TryRead(cpu, op, address + 2, out value))
                return Leave.Fault(cpu, op);
            if (!Mmu.IsCanonical(value))
                return Privilege.Protect(cpu, op);
        }
        else
        {
            if (!Cpu.TryRead(cpu, op, address + 2, out uint low))
                return Leave.Fault(cpu, op);
            value = low & mask;
        }

        table.Base = value;
        table.Limit = limit;
        return Leave.Next(cpu, op);
    }

    private static Op* Sldt(Cpu* cpu, Op* op) => StoreSelector(cpu, op, SegmentIndex.Ldtr);

    private static Op* SldtMemory(Cpu* cpu, Op* op) => StoreSelectorInMemory(cpu, op, SegmentIndex.Ldtr);

    private static Op* Str(Cpu* cpu, Op* op) => StoreSelector(cpu, op, SegmentIndex.Tr);

    private static Op* StrMemory(Cpu* cpu, Op* op) => StoreSelectorInMemory(cpu, op, SegmentIndex.Tr);

    private static Op* StoreSelector(Cpu* cpu, Op* op, SegmentIndex index)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        ushort selector = cpu->State.Segments[(int)index].Selector;
        if (op->OperandSize == 2)
            *(ushort*)Cpu.At(cpu, op->Dst) = selector;
        else
            *(ulong*)Cpu.At(cpu, op->Dst) = selector;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* StoreSelectorInMemory(Cpu* cpu, Op* op, SegmentIndex index)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        return Cpu.TryWrite(cpu, op, op->Address(cpu), cpu->State.Segments[(int)index].Selector) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    private static Op* Lldt(Cpu* cpu, Op* op) => LoadSystem(cpu, op, *(ushort*)Cpu.At(cpu, op->Dst), task: false);

    private static Op* Ltr(Cpu* cpu, Op* op) => LoadSystem(cpu, op, *(ushort*)Cpu.At(cpu, op->Dst), task: true);

    private static Op* LldtMemory(Cpu* cpu, Op* op) => LoadSystemFromMemory(cpu, op, task: false);

    private static Op* LtrMemory(Cpu* cpu, Op* op) => LoadSystemFromMemory(cpu, op, task: true);

    private static Op* LoadSystemFromMemory(Cpu* cpu, Op* op, bool task)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        return Cpu.TryRead(cpu, op, op->Address(cpu), out ushort selector) ? LoadSystem(cpu, op, selector, task) : Leave.Fault(cpu, op);
    }

    private static Op* LoadSystem(Cpu* cpu, Op* op, ushort selector, bool task)
    {
        if (!cpu->IsProtected)
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        Segmentation.SegmentUnit unit = cpu->Processor.Segments;
        bool done = task ? unit.TryLoadTask(selector) : unit.TryLoadLdt(selector);
        return done ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }
}
