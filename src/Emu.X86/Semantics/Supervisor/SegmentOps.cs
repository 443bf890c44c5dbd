using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>MOV, PUSH and POP of segment registers, LDS, LES, LFS, LGS, LSS. SDM 2A, 2B.</summary>
internal static unsafe class SegmentOps
{
    /// <summary>Interrupts, NMI and debug traps wait for one instruction (SDM 3A 6.8.3).</summary>
    private const byte StackShadow = 3;

    private static readonly string[] Names = ["ES", "CS", "SS", "DS", "FS", "GS"];

    internal static void Add(RowBuilder rows)
    {
        rows.Add("Mov_rm16_Sreg", &Store, &StoreMemory);
        rows.Add("Mov_r32m16_Sreg", &Store, &StoreMemory);
        rows.Add("Mov_r64m16_Sreg", &Store, &StoreMemory);
        rows.Add("Mov_Sreg_rm16", &Load, &LoadMemory);
        rows.Add("Mov_Sreg_r32m16", &Load, &LoadMemory);
        rows.Add("Mov_Sreg_r64m16", &Load, &LoadMemory);
        for (int i = 0; i < Names.Length; i++)
        {
            foreach (string size in i >= (int)SegmentIndex.Fs ? (string[])["w", "d", "q"] : ["w", "d"])
            {
                rows.Add($"Push{size}_{Names[i]}", &Push, access: Access.Stack);
                if (i != (int)SegmentIndex.Cs)
                    rows.Add($"Pop{size}_{Names[i]}", &Pop, access: Access.Stack);
            }
        }

        rows.Undefined("Popw_CS", "0FH is an escape since the 286");
        foreach (string size in (string[])["r16_m1616", "r32_m1632"])
        {
            rows.Add("Les_" + size, null, &Les);
            rows.Add("Lds_" + size, null, &Lds);
        }

        foreach (string size in (string[])["r16_m1616", "r32_m1632", "r64_m1664"])
        {
            rows.Add("Lss_" + size, null, &Lss);
            rows.Add("Lfs_" + size, null, &Lfs);
            rows.Add("Lgs_" + size, null, &Lgs);
        }
    }

    private static Op* Store(Cpu* cpu, Op* op)
    {
        ushort selector = cpu->State.Segments[op->Src].Selector;
        if (op->OperandSize == 2)
            *(ushort*)Cpu.At(cpu, op->Dst) = selector;
        else
            *(ulong*)Cpu.At(cpu, op->Dst) = selector;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* StoreMemory(Cpu* cpu, Op* op)
        => Cpu.TryWrite(cpu, op, op->Address(cpu), cpu->State.Segments[op->Src].Selector) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);

    private static Op* Load(Cpu* cpu, Op* op) => Set(cpu, op, (SegmentIndex)op->Dst, *(ushort*)Cpu.At(cpu, op->Src));

    private static Op* LoadMemory(Cpu* cpu, Op* op)
        => Cpu.TryRead(cpu, op, op->Address(cpu), out ushort selector) ? Set(cpu, op, (SegmentIndex)op->Dst, selector) : Leave.Fault(cpu, op);

    private static Op* Set(Cpu* cpu, Op* op, SegmentIndex index, ushort selector)
    {
        if (index == SegmentIndex.Cs)
            return Privilege.Undefined(cpu, op);
        if (!cpu->Processor.Segments.TryLoad(index, selector))
            return Leave.Fault(cpu, op);
        return Finish(cpu, op, index, shadow: true);
    }

    /// <summary>A load of SS may change the width of the stack and opens the shadow; others change nothing but the segment.</summary>
    private static Op* Finish(Cpu* cpu, Op* op, SegmentIndex index, bool shadow)
    {
        if (index != SegmentIndex.Ss)
            return Leave.Next(cpu, op);
        if (shadow)
            cpu->State.InterruptShadow = StackShadow;
        return Leave.After(cpu, op);
    }

    private static Op* Push(Cpu* cpu, Op* op)
    {
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPush(StackSize(op), cpu->State.Segments[op->Dst].Selector))
            return Leave.Fault(cpu, op);
        stack.Commit();
        return Leave.Next(cpu, op);
    }

    private static Op* Pop(Cpu* cpu, Op* op)
    {
        var index = (SegmentIndex)op->Dst;
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPop(StackSize(op), out ulong selector) || !cpu->Processor.Segments.TryForm(index, (ushort)selector, cpu->State.Cpl, out SegmentRegister loaded))
            return Leave.Fault(cpu, op);
        stack.Commit();
        cpu->State.Segments[(int)index] = loaded;
        return Finish(cpu, op, index, shadow: true);
    }

    /// <summary>Iced says 4 for the 64-bit forms of PUSH FS and GS in tables of operand sizes; the name of the encoding decides.</summary>
    private static int StackSize(Op* op) => (Iced.Intel.Code)op->Code switch
    {
        Iced.Intel.Code.Pushq_FS or Iced.Intel.Code.Pushq_GS or Iced.Intel.Code.Popq_FS or Iced.Intel.Code.Popq_GS => 8,
        _ => op->OperandSize,
    };

    private static Op* Les(Cpu* cpu, Op* op) => LoadPointer(cpu, op, SegmentIndex.Es);

    private static Op* Lds(Cpu* cpu, Op* op) => LoadPointer(cpu, op, SegmentIndex.Ds);

    private static Op* Lss(Cpu* cpu, Op* op) => LoadPointer(cpu, op, SegmentIndex.Ss);

    private static Op* Lfs(Cpu* cpu, Op* op) => LoadPointer(cpu, op, SegmentIndex.Fs);

    private static Op* Lgs(Cpu* cpu, Op* op) => LoadPointer(cpu, op, SegmentIndex.Gs);

    private static Op* LoadPointer(Cpu* cpu, Op* op, SegmentIndex index)
    {
        ulong address = op->Address(cpu);
        if (!FarPointer.TryRead(cpu, op, address, op->OperandSize, out ulong offset, out ushort selector) || !cpu->Processor.Segments.TryLoad(index, selector))
            return Leave.Fault(cpu, op);
        if (op->OperandSize == 2)
            *(ushort*)Cpu.At(cpu, op->Dst) = (ushort)offset;
        else
            *(ulong*)Cpu.At(cpu, op->Dst) = offset;
        return Finish(cpu, op, index, shadow: false);
    }
}
