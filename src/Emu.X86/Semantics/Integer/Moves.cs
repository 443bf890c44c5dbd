using System.Buffers.Binary;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>MOV, MOVZX, MOVSX, LEA, XCHG, BSWAP, sign extensions of the accumulator, XLAT, NOP.</summary>
internal static unsafe class Moves
{
    internal static void Add(RowBuilder rows)
    {
        Plain<Width.Byte>(rows, "8", "AL");
        Plain<Width.Word>(rows, "16", "AX");
        Plain<Width.Doubleword>(rows, "32", "EAX");
        Plain<Width.Quadword>(rows, "64", "RAX");
        rows.Add("Mov_rm8_imm8", &RegImm<Width.Byte>, &MemImm<Width.Byte>, Access.Write);
        rows.Add("Mov_rm16_imm16", &RegImm<Width.Word>, &MemImm<Width.Word>, Access.Write);
        rows.Add("Mov_rm32_imm32", &RegImm<Width.Doubleword>, &MemImm<Width.Doubleword>, Access.Write);
        rows.Add("Mov_rm64_imm32", &RegImm<Width.Quadword>, &MemImm<Width.Quadword>, Access.Write);
        rows.Add("Mov_r8_imm8", &RegImm<Width.Byte>);
        rows.Add("Mov_r16_imm16", &RegImm<Width.Word>);
        rows.Add("Mov_r32_imm32", &RegImm<Width.Doubleword>);
        rows.Add("Mov_r64_imm64", &RegImm<Width.Quadword>);
        Extensions(rows);
        Addresses(rows);
        Accumulator(rows);
        rows.Add("Bswap_r16", &Swap16);
        rows.Add("Bswap_r32", &Swap32);
        rows.Add("Bswap_r64", &Swap64);
        rows.Add("Xlat_m8", &Translate, traits: RowTraits.String);
    }

    private static void Plain<T>(RowBuilder rows, string width, string accumulator)
        where T : unmanaged
    {
        rows.Add($"Mov_rm{width}_r{width}", &RegReg<T>, &MemReg<T>, Access.Write, based: &BasedReg<T>);
        rows.Add($"Mov_r{width}_rm{width}", &RegReg<T>, &RegMem<T>, Access.Read, based: &RegBased<T>);
        rows.Add($"Mov_{accumulator}_moffs{width}", null, &RegMem<T>, Access.Read);
        rows.Add($"Mov_moffs{width}_{accumulator}", null, &MemReg<T>, Access.Write);
        rows.Add($"Xchg_rm{width}_r{width}", &ExchangeReg<T>, &ExchangeMem<T>, Access.Read | Access.Write);
    }

    private static void Extensions(RowBuilder rows)
    {
        rows.Add("Movzx_r16_rm8", &ZeroExtendReg<Width.Word, Width.Byte>, &ZeroExtendMem<Width.Word, Width.Byte>, Access.Read);
        rows.Add("Movzx_r32_rm8", &ZeroExtendReg<Width.Doubleword, Width.Byte>, &ZeroExtendMem<Width.Doubleword, Width.Byte>, Access.Read);
        rows.Add("Movzx_r64_rm8", &ZeroExtendReg<Width.Quadword, Width.Byte>, &ZeroExtendMem<Width.Quadword, Width.Byte>, Access.Read);
        rows.Add("Movzx_r16_rm16", &ZeroExtendReg<Width.Word, Width.Word>, &ZeroExtendMem<Width.Word, Width.Word>, Access.Read);
        rows.Add("Movzx_r32_rm16", &ZeroExtendReg<Width.Doubleword, Width.Word>, &ZeroExtendMem<Width.Doubleword, Width.Word>, Access.Read);
        rows.Add("Movzx_r64_rm16", &ZeroExtendReg<Width.Quadword, Width.Word>, &ZeroExtendMem<Width.Quadword, Width.Word>, Access.Read);
        rows.Add("Movsx_r16_rm8", &SignExtendReg<Width.Word, Width.Byte>, &SignExtendMem<Width.Word, Width.Byte>, Access.Read);
        rows.Add("Movsx_r32_rm8", &SignExtendReg<Width.Doubleword, Width.Byte>, &SignExtendMem<Width.Doubleword, Width.Byte>, Access.Read);
        rows.Add("Movsx_r64_rm8", &SignExtendReg<Width.Quadword, Width.Byte>, &SignExtendMem<Width.Quadword, Width.Byte>, Access.Read);
        rows.Add("Movsx_r16_rm16", &SignExtendReg<Width.Word, Width.Word>, &SignExtendMem<Width.Word, Width.Word>, Access.Read);
        rows.Add("Movsx_r32_rm16", &SignExtendReg<Width.Doubleword, Width.Word>, &SignExtendMem<Width.Doubleword, Width.Word>, Access.Read);
        rows.Add("Movsx_r64_rm16", &SignExtendReg<Width.Quadword, Width.Word>, &SignExtendMem<Width.Quadword, Width.Word>, Access.Read);
        rows.Add("Movsxd_r16_rm16", &SignExtendReg<Width.Word, Width.Word>, &SignExtendMem<Width.Word, Width.Word>, Access.Read);
        rows.Add("Movsxd_r32_rm32", &SignExtendReg<Width.Doubleword, Width.Doubleword>, &SignExtendMem<Width.Doubleword, Width.Doubleword>, Access.Read);
        rows.Add("Movsxd_r64_rm32", &SignExtendReg<Width.Quadword, Width.Doubleword>, &SignExtendMem<Width.Quadword, Width.Doubleword>, Access.Read);
    }

    private static void Addresses(RowBuilder rows)
    {
        rows.Add("Lea_r16_m", null, &LoadAddress<Width.Word>, traits: RowTraits.AddressOnly);
        rows.Add("Lea_r32_m", null, &LoadAddress<Width.Doubleword>, traits: RowTraits.AddressOnly);
        rows.Add("Lea_r64_m", null, &LoadAddress<Width.Quadword>, traits: RowTraits.AddressOnly);
        foreach (string width in (string[])["16", "32", "64"])
            rows.Add($"Nop_rm{width}", &Nothing, &Nothing, traits: RowTraits.AddressOnly);
        rows.Add("Nopw", &Nothing);
        rows.Add("Nopd", &Nothing);
        rows.Add("Nopq", &Nothing);
        rows.Add("Xchg_r16_AX", &ExchangeReg<Width.Word>);
        rows.Add("Xchg_r32_EAX", &ExchangeReg<Width.Doubleword>);
        rows.Add("Xchg_r64_RAX", &ExchangeReg<Width.Quadword>);
        rows.Add("Pause", &Nothing);
        foreach (string hint in (string[])["Endbr64", "Endbr32"])
            rows.Add(hint, &Nothing);
    }

    private static void Accumulator(RowBuilder rows)
    {
        rows.Add("Cbw", &Widen<Width.Word, Width.Byte>);
        rows.Add("Cwde", &Widen<Width.Doubleword, Width.Word>);
        rows.Add("Cdqe", &Widen<Width.Quadword, Width.Doubleword>);
        rows.Add("Cwd", &SignToDx<Width.Word>);
        rows.Add("Cdq", &SignToDx<Width.Doubleword>);
        rows.Add("Cqo", &SignToDx<Width.Quadword>);
    }

    private static Op* RegReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* RegImm<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), op->Imm);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* RegMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* RegBased<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->BasedAddress(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* BasedReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->BasedAddress(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(target, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* MemReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(target, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* MemImm<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(target, op->Imm);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ExchangeReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        byte* first = Cpu.At(cpu, op->Dst);
        byte* second = Cpu.At(cpu, op->Src);
        ulong value = Width.Load<T>(first);
        Width.StoreRegister<T>(first, Width.Load<T>(second));
        Width.StoreRegister<T>(second, value);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ExchangeMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        byte* register = Cpu.At(cpu, op->Src);
        ulong value = Width.Load<T>(target);
        Width.Store<T>(target, Width.Load<T>(register));
        Width.StoreRegister<T>(register, value);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ZeroExtendReg<T, TFrom>(Cpu* cpu, Op* op)
        where T : unmanaged
        where TFrom : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<TFrom>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ZeroExtendMem<T, TFrom>(Cpu* cpu, Op* op)
        where T : unmanaged
        where TFrom : unmanaged
    {
        if (!Cpu.ForRead<TFrom>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<TFrom>(source));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SignExtendReg<T, TFrom>(Cpu* cpu, Op* op)
        where T : unmanaged
        where TFrom : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.SignExtend<TFrom>(Width.Load<TFrom>(Cpu.At(cpu, op->Src))));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SignExtendMem<T, TFrom>(Cpu* cpu, Op* op)
        where T : unmanaged
        where TFrom : unmanaged
    {
        if (!Cpu.ForRead<TFrom>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.SignExtend<TFrom>(Width.Load<TFrom>(source)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* LoadAddress<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), op->Address(cpu));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Widen<T, TFrom>(Cpu* cpu, Op* op)
        where T : unmanaged
        where TFrom : unmanaged
    {
        byte* rax = (byte*)cpu->Gpr(GeneralRegister.Rax);
        Width.StoreRegister<T>(rax, Width.SignExtend<TFrom>(Width.Load<TFrom>(rax)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SignToDx<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        ulong sign = (ulong)((long)Width.SignExtend<T>(Width.Load<T>((byte*)cpu->Gpr(GeneralRegister.Rax))) >> 63);
        Width.StoreRegister<T>((byte*)cpu->Gpr(GeneralRegister.Rdx), sign);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>BSWAP of 16 bits is undefined; ours clears the register's low word, as processors do.</summary>
    private static Op* Swap16(Cpu* cpu, Op* op)
    {
        *(ushort*)Cpu.At(cpu, op->Dst) = 0;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Swap32(Cpu* cpu, Op* op)
    {
        byte* target = Cpu.At(cpu, op->Dst);
        *(ulong*)target = BinaryPrimitives.ReverseEndianness(*(uint*)target);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Swap64(Cpu* cpu, Op* op)
    {
        byte* target = Cpu.At(cpu, op->Dst);
        *(ulong*)target = BinaryPrimitives.ReverseEndianness(*(ulong*)target);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>XLAT: AL is the index, so the address is formed here (an index register is always read whole).</summary>
    private static Op* Translate(Cpu* cpu, Op* op)
    {
        byte* rax = (byte*)cpu->Gpr(GeneralRegister.Rax);
        ulong offset = SegmentedAddress.Truncate(*cpu->Gpr(GeneralRegister.Rbx) + *rax, op->AddressSize);
        if (!SegmentedAddress.TryLinear(cpu, (SegmentIndex)op->Segment, offset, 1, write: false, out ulong linear)
            || !Cpu.TryRead(cpu, op, linear, out byte value))
            return Leave.Fault(cpu, op);
        *rax = value;
        return Leave.Next(cpu, op);
    }

    private static Op* Nothing(Cpu* cpu, Op* op) => op[1].Fn(cpu, op + 1);
}
