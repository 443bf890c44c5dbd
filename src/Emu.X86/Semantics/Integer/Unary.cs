using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>The operand forms of instructions that replace one operand: INC, NEG, shifts, bit tests with a register or immediate.</summary>
internal static unsafe class Unary
{
    /// <summary>All four widths of <c>{name}_rm{width}{suffix}</c>.</summary>
    internal static void Rows<TOp>(RowBuilder rows, string name, string suffix = "")
        where TOp : struct, IUnaryOp
    {
        rows.Add($"{name}_rm8{suffix}", &Reg<TOp, Width.Byte>, &Mem<TOp, Width.Byte>, Access.Read | Access.Write);
        WideRows<TOp>(rows, name, suffix, suffix, suffix);
    }

    /// <summary>16, 32 and 64 bits, with a suffix for each.</summary>
    internal static void WideRows<TOp>(RowBuilder rows, string name, string suffix16, string suffix32, string suffix64)
        where TOp : struct, IUnaryOp
    {
        rows.Add($"{name}_rm16{suffix16}", &Reg<TOp, Width.Word>, &Mem<TOp, Width.Word>, Access.Read | Access.Write);
        rows.Add($"{name}_rm32{suffix32}", &Reg<TOp, Width.Doubleword>, &Mem<TOp, Width.Doubleword>, Access.Read | Access.Write);
        rows.Add($"{name}_rm64{suffix64}", &Reg<TOp, Width.Quadword>, &Mem<TOp, Width.Quadword>, Access.Read | Access.Write);
    }

    internal static Op* Reg<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IUnaryOp
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        Width.StoreRegister<T>(target, TOp.Apply<T>(cpu, op, Width.Load<T>(target)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Mem<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IUnaryOp
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(target, TOp.Apply<T>(cpu, op, Width.Load<T>(target)));
        return op[1].Fn(cpu, op + 1);
    }
}
