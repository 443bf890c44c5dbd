using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE: 64-bit mode with CR4.FSGSBASE. SDM 2B.</summary>
internal static unsafe class BaseOps
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Rdfsbase_r32", &Rdfsbase32);
        rows.Add("Rdfsbase_r64", &Rdfsbase64);
        rows.Add("Rdgsbase_r32", &Rdgsbase32);
        rows.Add("Rdgsbase_r64", &Rdgsbase64);
        rows.Add("Wrfsbase_r32", &Wrfsbase32);
        rows.Add("Wrfsbase_r64", &Wrfsbase64);
        rows.Add("Wrgsbase_r32", &Wrgsbase32);
        rows.Add("Wrgsbase_r64", &Wrgsbase64);
    }

    private static Op* Rdfsbase32(Cpu* cpu, Op* op) => Read(cpu, op, SegmentIndex.Fs, uint.MaxValue);

    private static Op* Rdfsbase64(Cpu* cpu, Op* op) => Read(cpu, op, SegmentIndex.Fs, ulong.MaxValue);

    private static Op* Rdgsbase32(Cpu* cpu, Op* op) => Read(cpu, op, SegmentIndex.Gs, uint.MaxValue);

    private static Op* Rdgsbase64(Cpu* cpu, Op* op) => Read(cpu, op, SegmentIndex.Gs, ulong.MaxValue);

    private static Op* Wrfsbase32(Cpu* cpu, Op* op) => Write(cpu, op, SegmentIndex.Fs, uint.MaxValue);

    private static Op* Wrfsbase64(Cpu* cpu, Op* op) => Write(cpu, op, SegmentIndex.Fs, ulong.MaxValue);

    private static Op* Wrgsbase32(Cpu* cpu, Op* op) => Write(cpu, op, SegmentIndex.Gs, uint.MaxValue);

    private static Op* Wrgsbase64(Cpu* cpu, Op* op) => Write(cpu, op, SegmentIndex.Gs, ulong.MaxValue);

    private static bool IsAllowed(Cpu* cpu) => cpu->Is64Bit && (cpu->State.Cr4 & ControlBits.Cr4Fsgsbase) != 0;

    private static Op* Read(Cpu* cpu, Op* op, SegmentIndex index, ulong mask)
    {
        if (!IsAllowed(cpu))
            return Privilege.Undefined(cpu, op);
        *(ulong*)Cpu.At(cpu, op->Dst) = cpu->State.Segments[(int)index].Base & mask;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Write(Cpu* cpu, Op* op, SegmentIndex index, ulong mask)
    {
        if (!IsAllowed(cpu))
            return Privilege.Undefined(cpu, op);
        ulong value = *(ulong*)Cpu.At(cpu, op->Dst) & mask;
        if (!Mmu.IsCanonical(value))
            return Privilege.Protect(cpu, op);
        cpu->State.Segments[(int)index].Base = value;
        return op[1].Fn(cpu, op + 1);
    }
}
