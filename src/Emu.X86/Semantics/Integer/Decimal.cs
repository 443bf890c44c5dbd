using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>AAA, AAS, AAM, AAD, DAA, DAS, and the flag instructions CLC, STC, CMC, CLD, STD, LAHF, SAHF, SALC (SDM 2A, 2B).</summary>
internal static unsafe class Decimal
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Aaa", &AsciiAfterAdd);
        rows.Add("Aas", &AsciiAfterSub);
        rows.Add("Aam_imm8", &AsciiAfterMul);
        rows.Add("Aad_imm8", &AsciiBeforeDiv);
        rows.Add("Daa", &DecimalAfterAdd);
        rows.Add("Das", &DecimalAfterSub);
        rows.Add("Clc", &ClearCarry);
        rows.Add("Stc", &SetCarry);
        rows.Add("Cmc", &ComplementCarry);
        rows.Add("Cld", &ClearDirection);
        rows.Add("Std", &SetDirection);
        rows.Add("Lahf", &LoadFlags);
        rows.Add("Sahf", &StoreFlags);
        rows.Add("Salc", &SetAlFromCarry);
    }

    private static Op* AsciiAfterAdd(Cpu* cpu, Op* op) => Ascii(cpu, op, 0x106);

    private static Op* AsciiAfterSub(Cpu* cpu, Op* op) => Ascii(cpu, op, -0x106);

    private static Op* Ascii(Cpu* cpu, Op* op, int correction)
    {
        ushort* ax = (ushort*)cpu->Gpr(GeneralRegister.Rax);
        bool adjust = (*ax & 0xF) > 9 || cpu->Af;
        if (adjust)
            *ax = (ushort)(*ax + correction);
        *ax &= 0xFF0F;
        cpu->SetResult<byte>((byte)*ax, adjust, of: false, adjust);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* AsciiAfterMul(Cpu* cpu, Op* op)
    {
        byte* al = (byte*)cpu->Gpr(GeneralRegister.Rax);
        byte divisor = (byte)op->Imm;
        if (divisor == 0)
            return Leave.Fault(cpu, op, Vector.De);
        al[1] = (byte)(*al / divisor);
        *al = (byte)(*al % divisor);
        cpu->SetLogic<byte>(*al);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* AsciiBeforeDiv(Cpu* cpu, Op* op)
    {
        byte* al = (byte*)cpu->Gpr(GeneralRegister.Rax);
        *al = (byte)(*al + (al[1] * (byte)op->Imm));
        al[1] = 0;
        cpu->SetLogic<byte>(*al);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* DecimalAfterAdd(Cpu* cpu, Op* op)
    {
        byte* al = (byte*)cpu->Gpr(GeneralRegister.Rax);
        byte old = *al;
        bool half = (old & 0xF) > 9 || cpu->Af;
        bool carry = old > 0x99 || cpu->Cf;
        if (half)
            *al += 6;
        if (carry)
            *al += 0x60;
        cpu->SetResult<byte>(*al, carry, of: false, half);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* DecimalAfterSub(Cpu* cpu, Op* op)
    {
        byte* al = (byte*)cpu->Gpr(GeneralRegister.Rax);
        byte old = *al;
        bool half = (old & 0xF) > 9 || cpu->Af;
        bool high = old > 0x99 || cpu->Cf;
        bool carry = high || (half && old < 6);
        if (half)
            *al -= 6;
        if (high)
            *al -= 0x60;
        cpu->SetResult<byte>(*al, carry, of: false, half);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ClearCarry(Cpu* cpu, Op* op)
    {
        cpu->SetCarry(false);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SetCarry(Cpu* cpu, Op* op)
    {
        cpu->SetCarry(true);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ComplementCarry(Cpu* cpu, Op* op)
    {
        cpu->SetCarry(!cpu->Cf);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ClearDirection(Cpu* cpu, Op* op)
    {
        cpu->State.Rflags &= ~Rflags.Df;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SetDirection(Cpu* cpu, Op* op)
    {
        cpu->State.Rflags |= Rflags.Df;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* LoadFlags(Cpu* cpu, Op* op)
    {
        ((byte*)cpu->Gpr(GeneralRegister.Rax))[1] = (byte)cpu->RflagsValue;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* StoreFlags(Cpu* cpu, Op* op)
    {
        const ulong Low = Rflags.Sf | Rflags.Zf | Rflags.Af | Rflags.Pf | Rflags.Cf;
        ulong value = ((byte*)cpu->Gpr(GeneralRegister.Rax))[1];
        cpu->SetStatus((value & Low) | (cpu->RflagsValue & Rflags.Of));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SetAlFromCarry(Cpu* cpu, Op* op)
    {
        *(byte*)cpu->Gpr(GeneralRegister.Rax) = cpu->Cf ? (byte)0xFF : (byte)0;
        return op[1].Fn(cpu, op + 1);
    }
}
