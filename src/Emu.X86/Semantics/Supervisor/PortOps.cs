using Emu.X86.Decode;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>IN, OUT, INS, OUTS. SDM 2A, 2B; permissions: SDM 1, 19.5.</summary>
internal static unsafe class PortOps
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("In_AL_imm8", &InImmediate<Width.Byte>);
        rows.Add("In_AX_imm8", &InImmediate<Width.Word>);
        rows.Add("In_EAX_imm8", &InImmediate<Width.Doubleword>);
        rows.Add("In_AL_DX", &InDx<Width.Byte>);
        rows.Add("In_AX_DX", &InDx<Width.Word>);
        rows.Add("In_EAX_DX", &InDx<Width.Doubleword>);
        rows.Add("Out_imm8_AL", &OutImmediate<Width.Byte>);
        rows.Add("Out_imm8_AX", &OutImmediate<Width.Word>);
        rows.Add("Out_imm8_EAX", &OutImmediate<Width.Doubleword>);
        rows.Add("Out_DX_AL", &OutDx<Width.Byte>);
        rows.Add("Out_DX_AX", &OutDx<Width.Word>);
        rows.Add("Out_DX_EAX", &OutDx<Width.Doubleword>);
        rows.Add("Insb_m8_DX", &Ins<Width.Byte>, &Ins<Width.Byte>, traits: RowTraits.String);
        rows.Add("Insw_m16_DX", &Ins<Width.Word>, &Ins<Width.Word>, traits: RowTraits.String);
        rows.Add("Insd_m32_DX", &Ins<Width.Doubleword>, &Ins<Width.Doubleword>, traits: RowTraits.String);
        rows.Add("Outsb_DX_m8", &Outs<Width.Byte>, &Outs<Width.Byte>, traits: RowTraits.String);
        rows.Add("Outsw_DX_m16", &Outs<Width.Word>, &Outs<Width.Word>, traits: RowTraits.String);
        rows.Add("Outsd_DX_m32", &Outs<Width.Doubleword>, &Outs<Width.Doubleword>, traits: RowTraits.String);
    }

    private static Op* InImmediate<T>(Cpu* cpu, Op* op)
        where T : unmanaged => In<T>(cpu, op, (byte)op->Imm);

    private static Op* InDx<T>(Cpu* cpu, Op* op)
        where T : unmanaged => In<T>(cpu, op, (ushort)*cpu->Gpr(GeneralRegister.Rdx));

    private static Op* OutImmediate<T>(Cpu* cpu, Op* op)
        where T : unmanaged => Out<T>(cpu, op, (byte)op->Imm);

    private static Op* OutDx<T>(Cpu* cpu, Op* op)
        where T : unmanaged => Out<T>(cpu, op, (ushort)*cpu->Gpr(GeneralRegister.Rdx));

    private static Op* In<T>(Cpu* cpu, Op* op, ushort port)
        where T : unmanaged
    {
        if (!TryPermit(cpu, port, sizeof(T)))
            return Leave.Fault(cpu, op);
        X86Processor processor = cpu->Processor;
        processor.EnterBus(op);
        Width.StoreRegister<T>((byte*)cpu->Gpr(GeneralRegister.Rax), processor.Bus.ReadPort(port, sizeof(T)));
        NoteBreakpoint(cpu, port, sizeof(T));
        return Leave.After(cpu, op);
    }

    private static Op* Out<T>(Cpu* cpu, Op* op, ushort port)
        where T : unmanaged
    {
        if (!TryPermit(cpu, port, sizeof(T)))
            return Leave.Fault(cpu, op);
        X86Processor processor = cpu->Processor;
        processor.EnterBus(op);
        processor.Bus.WritePort(port, sizeof(T), (uint)Width.Truncate<T>(*cpu->Gpr(GeneralRegister.Rax)));
        NoteBreakpoint(cpu, port, sizeof(T));
        return Leave.After(cpu, op);
    }

    private static Op* Ins<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (IsDone(cpu, op))
            return op[1].Fn(cpu, op + 1);
        ushort port = (ushort)*cpu->Gpr(GeneralRegister.Rdx);
        if (!TryPermit(cpu, port, sizeof(T)) || !TryAddress(cpu, op, SegmentIndex.Es, GeneralRegister.Rdi, sizeof(T), write: true, out ulong linear))
            return Leave.Fault(cpu, op);
        X86Processor processor = cpu->Processor;
        if (!processor.Mmu.Reachable(linear, sizeof(T), write: true))
            return Leave.Fault(cpu, op);
        processor.EnterBus(op);
        uint value = processor.Bus.ReadPort(port, sizeof(T));
        bool written = sizeof(T) switch
        {
            1 => Cpu.TryWrite(cpu, op, linear, (byte)value),
            2 => Cpu.TryWrite(cpu, op, linear, (ushort)value),
            _ => Cpu.TryWrite(cpu, op, linear, value),
        };
        NoteBreakpoint(cpu, port, sizeof(T));
        return written ? Iterated(cpu, op, GeneralRegister.Rdi, sizeof(T)) : Leave.Fault(cpu, op);
    }

    private static Op* Outs<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (IsDone(cpu, op))
            return op[1].Fn(cpu, op + 1);
        ushort port = (ushort)*cpu->Gpr(GeneralRegister.Rdx);
        bool ready = TryPermit(cpu, port, sizeof(T))
            & TryAddress(cpu, op, (SegmentIndex)op->Segment, GeneralRegister.Rsi, sizeof(T), write: false, out ulong linear);
        uint value = 0;
        if (ready)
            ready = TryReadOperand<T>(cpu, op, linear, out value);
        if (!ready)
            return Leave.Fault(cpu, op);
        X86Processor processor = cpu->Processor;
        processor.EnterBus(op);
        processor.Bus.WritePort(port, sizeof(T), value);
        NoteBreakpoint(cpu, port, sizeof(T));
        return Iterated(cpu, op, GeneralRegister.Rsi, sizeof(T));
    }

    private static bool TryReadOperand<T>(Cpu* cpu, Op* op, ulong linear, out uint value)
        where T : unmanaged
    {
        bool ok = Cpu.TryRead(cpu, op, linear, out T read);
        value = (uint)Width.Load<T>((byte*)&read);
        return ok;
    }

    private static ulong AddressMask(Op* op) => op->AddressSize == 8 ? ulong.MaxValue : op->AddressSize == 4 ? 0xFFFF_FFFF : 0xFFFF;

    private static bool IsDone(Cpu* cpu, Op* op) => (op->Prefixes & 3) != 0 && (*cpu->Gpr(GeneralRegister.Rcx) & AddressMask(op)) == 0;

    private static bool TryAddress(Cpu* cpu, Op* op, SegmentIndex segment, GeneralRegister index, int size, bool write, out ulong linear)
    {
        ulong offset = *cpu->Gpr(index) & AddressMask(op);
        if (!cpu->Is64Bit)
            return AddressGeneration.TrySegment(cpu, segment, offset, size, write, out linear);
        linear = segment >= SegmentIndex.Fs ? offset + cpu->State.Segments[(int)segment].Base : offset;
        return true;
    }

    /// <summary>One element is done: steps the index, counts down, and either goes on behind the instruction or stays on it for the next element.</summary>
    private static Op* Iterated(Cpu* cpu, Op* op, GeneralRegister index, int size)
    {
        ulong mask = AddressMask(op);
        ulong step = (cpu->State.Rflags & Rflags.Df) != 0 ? (ulong)-size : (ulong)size;
        Step(cpu->Gpr(index), step, mask);
        if ((op->Prefixes & 3) == 0)
            return Leave.After(cpu, op);
        Step(cpu->Gpr(GeneralRegister.Rcx), ulong.MaxValue, mask);
        return (*cpu->Gpr(GeneralRegister.Rcx) & mask) == 0 ? Leave.After(cpu, op) : Leave.Again(cpu, op, 1);
    }

    private static void Step(ulong* register, ulong step, ulong mask)
    {
        ulong value = (*register + step) & mask;
        *register = mask == 0xFFFF ? (*register & ~mask) | value : value;
    }

    /// <summary>CPL above IOPL, or virtual-8086 mode: the bitmap in the TSS decides (SDM 1, 19.5.2).</summary>
    /// <returns>False for #GP(0) or a page fault, recorded.</returns>
    private static bool TryPermit(Cpu* cpu, ushort port, int size)
    {
        bool virtualMode = (cpu->State.Rflags & Rflags.Vm) != 0;
        if (!virtualMode && cpu->State.Cpl <= Privilege.IoplOf(cpu))
            return true;
        ref SegmentRegister tr = ref cpu->State.Segments[(int)SegmentIndex.Tr];
        bool wide = ((int)tr.Attributes & 8) != 0;
        if (!wide || tr.Limit < 103)
            return Deny(cpu);
        Paging.Mmu mmu = cpu->Processor.Mmu;
        if (!mmu.TryReadSystem(tr.Base + 102, out ushort map))
            return false;
        uint first = map + ((uint)port / 8);
        if (first + 1 > tr.Limit)
            return Deny(cpu);
        if (!mmu.TryReadSystem(tr.Base + first, out ushort bits))
            return false;
        uint wanted = ((1u << size) - 1) << (port & 7);
        return (bits & wanted) == 0 || Deny(cpu);
    }

    private static bool Deny(Cpu* cpu)
    {
        cpu->Fault = new Fault(Vector.Gp);
        return false;
    }

    /// <summary>I/O breakpoints of DR7, with CR4.DE (SDM 3B 17.2.4).</summary>
    private static void NoteBreakpoint(Cpu* cpu, ushort port, int size)
    {
        if ((cpu->State.Dr7 & 0xFF) != 0 && (cpu->State.Cr4 & ControlBits.Cr4De) != 0)
            cpu->Processor.Exceptions.NotePortBreakpoint(port, size);
    }
}
