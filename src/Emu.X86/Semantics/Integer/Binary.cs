using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>The operand forms of two-operand ALU instructions. Memory is read and found writable before any flag changes.</summary>
internal static unsafe class Binary
{
    internal static void Rows<TOp>(RowBuilder rows, string name)
        where TOp : struct, IBinaryOp
    {
        Access memory = TOp.Writes ? Access.Read | Access.Write : Access.Read;
        rows.Add($"{name}_rm8_r8", &RegReg<TOp, Width.Byte>, &MemReg<TOp, Width.Byte>, memory);
        rows.Add($"{name}_rm16_r16", &RegReg<TOp, Width.Word>, &MemReg<TOp, Width.Word>, memory);
        rows.Add($"{name}_rm32_r32", &RegReg<TOp, Width.Doubleword>, &MemReg<TOp, Width.Doubleword>, memory);
        rows.Add($"{name}_rm64_r64", &RegReg<TOp, Width.Quadword>, &MemReg<TOp, Width.Quadword>, memory);
        rows.Add($"{name}_rm8_imm8", &RegImm<TOp, Width.Byte>, &MemImm<TOp, Width.Byte>, memory);
        rows.Add($"{name}_rm16_imm16", &RegImm<TOp, Width.Word>, &MemImm<TOp, Width.Word>, memory);
        rows.Add($"{name}_rm32_imm32", &RegImm<TOp, Width.Doubleword>, &MemImm<TOp, Width.Doubleword>, memory);
        rows.Add($"{name}_rm64_imm32", &RegImm<TOp, Width.Quadword>, &MemImm<TOp, Width.Quadword>, memory);
        rows.Add($"{name}_AL_imm8", &RegImm<TOp, Width.Byte>);
        rows.Add($"{name}_AX_imm16", &RegImm<TOp, Width.Word>);
        rows.Add($"{name}_EAX_imm32", &RegImm<TOp, Width.Doubleword>);
        rows.Add($"{name}_RAX_imm32", &RegImm<TOp, Width.Quadword>);
    }

    /// <summary>The forms that TEST does not have.</summary>
    internal static void MoreRows<TOp>(RowBuilder rows, string name)
        where TOp : struct, IBinaryOp
    {
        Access memory = TOp.Writes ? Access.Read | Access.Write : Access.Read;
        rows.Add($"{name}_r8_rm8", &RegReg<TOp, Width.Byte>, &RegMem<TOp, Width.Byte>, Access.Read);
        rows.Add($"{name}_r16_rm16", &RegReg<TOp, Width.Word>, &RegMem<TOp, Width.Word>, Access.Read);
        rows.Add($"{name}_r32_rm32", &RegReg<TOp, Width.Doubleword>, &RegMem<TOp, Width.Doubleword>, Access.Read);
        rows.Add($"{name}_r64_rm64", &RegReg<TOp, Width.Quadword>, &RegMem<TOp, Width.Quadword>, Access.Read);
        rows.Add($"{name}_rm8_imm8_82", &RegImm<TOp, Width.Byte>, &MemImm<TOp, Width.Byte>, memory);
        rows.Add($"{name}_rm16_imm8", &RegImm<TOp, Width.Word>, &MemImm<TOp, Width.Word>, memory);
        rows.Add($"{name}_rm32_imm8", &RegImm<TOp, Width.Doubleword>, &MemImm<TOp, Width.Doubleword>, memory);
        rows.Add($"{name}_rm64_imm8", &RegImm<TOp, Width.Quadword>, &MemImm<TOp, Width.Quadword>, memory);
    }

    internal static Op* RegReg<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBinaryOp
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        ulong result = TOp.Apply<T>(cpu, Width.Load<T>(target), Width.Load<T>(Cpu.At(cpu, op->Src)));
        if (TOp.Writes)
            Width.StoreRegister<T>(target, result);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* RegImm<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBinaryOp
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        ulong result = TOp.Apply<T>(cpu, Width.Load<T>(target), Width.Truncate<T>(op->Imm));
        if (TOp.Writes)
            Width.StoreRegister<T>(target, result);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* RegMem<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBinaryOp
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        byte* target = Cpu.At(cpu, op->Dst);
        ulong result = TOp.Apply<T>(cpu, Width.Load<T>(target), Width.Load<T>(source));
        if (TOp.Writes)
            Width.StoreRegister<T>(target, result);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* MemReg<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBinaryOp
        where T : unmanaged
    {
        if (!(TOp.Writes ? Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target) : Cpu.ForRead<T>(cpu, op->Address(cpu), out target)))
            return SlowPath.Memory(cpu, op);
        ulong result = TOp.Apply<T>(cpu, Width.Load<T>(target), Width.Load<T>(Cpu.At(cpu, op->Src)));
        if (TOp.Writes)
            Width.Store<T>(target, result);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* MemImm<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBinaryOp
        where T : unmanaged
    {
        if (!(TOp.Writes ? Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target) : Cpu.ForRead<T>(cpu, op->Address(cpu), out target)))
            return SlowPath.Memory(cpu, op);
        ulong result = TOp.Apply<T>(cpu, Width.Load<T>(target), Width.Truncate<T>(op->Imm));
        if (TOp.Writes)
            Width.Store<T>(target, result);
        return op[1].Fn(cpu, op + 1);
    }
}
