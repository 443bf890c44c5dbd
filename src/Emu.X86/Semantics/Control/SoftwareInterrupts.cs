using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Supervisor;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>INT n, INT3, INTO, INT1, BOUND. SDM 2A.</summary>
internal static unsafe class SoftwareInterrupts
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Int_imm8", &Int, traits: RowTraits.EndsBlock);
        rows.Add("Int3", &Int3, traits: RowTraits.EndsBlock);
        rows.Add("Into", &Into, traits: RowTraits.EndsBlock);
        rows.Add("Int1", &Int1, traits: RowTraits.EndsBlock);
        rows.Add("Bound_r16_m1616", null, &Bound16);
        rows.Add("Bound_r32_m3232", null, &Bound32);
    }

    private static Op* Int(Cpu* cpu, Op* op)
    {
        bool denied = (cpu->State.Rflags & Rflags.Vm) != 0 && Privilege.IoplOf(cpu) < 3; // SDM 3B 20.2.7
        return denied ? Privilege.Protect(cpu, op) : Deliver(cpu, op, (byte)op->Imm, software: true);
    }

    private static Op* Int3(Cpu* cpu, Op* op) => Deliver(cpu, op, (byte)Vector.Bp, software: true);

    private static Op* Into(Cpu* cpu, Op* op) => cpu->Of ? Deliver(cpu, op, (byte)Vector.Of, software: true) : Leave.After(cpu, op);

    private static Op* Int1(Cpu* cpu, Op* op) => Deliver(cpu, op, (byte)Vector.Db, software: false);

    private static Op* Deliver(Cpu* cpu, Op* op, byte vector, bool software)
    {
        var interrupt = new InterruptEvent(vector, software, HasError: false, 0, cpu->RipAfter(op), cpu->RflagsValue, cpu->TickAt(op) + 1);
        return cpu->Processor.Exceptions.TryDeliver(in interrupt) ? Leave.Jump(cpu, op, cpu->RipBase) : Leave.Fault(cpu, op);
    }

    private static Op* Bound16(Cpu* cpu, Op* op)
    {
        if (!Cpu.TryRead(cpu, op, op->Address(cpu), out uint bounds))
            return Leave.Fault(cpu, op);
        short index = *(short*)Cpu.At(cpu, op->Dst);
        return Check(cpu, op, index, (short)bounds, (short)(bounds >> 16));
    }

    private static Op* Bound32(Cpu* cpu, Op* op)
    {
        if (!Cpu.TryRead(cpu, op, op->Address(cpu), out ulong bounds))
            return Leave.Fault(cpu, op);
        return Check(cpu, op, *(int*)Cpu.At(cpu, op->Dst), (int)bounds, (int)(bounds >> 32));
    }

    private static Op* Check(Cpu* cpu, Op* op, long index, long low, long high)
        => index < low || index > high ? Leave.Fault(cpu, op, Vector.Br) : Leave.Next(cpu, op);
}
