using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>
/// MUL, IMUL, DIV, IDIV (SDM 2A). After MUL and IMUL only CF and OF are defined; ours sets ZF, SF and PF from the low half and clears AF. DIV and IDIV
/// leave all flags.
/// </summary>
internal static unsafe class MultiplyDivide
{
    internal static void Add(RowBuilder rows)
    {
        Wide<Width.Byte>(rows, "8");
        Wide<Width.Word>(rows, "16");
        Wide<Width.Doubleword>(rows, "32");
        Wide<Width.Quadword>(rows, "64");
        Truncating<Width.Word>(rows, "16", "imm16");
        Truncating<Width.Doubleword>(rows, "32", "imm32");
        Truncating<Width.Quadword>(rows, "64", "imm32");
    }

    private static void Wide<T>(RowBuilder rows, string width)
        where T : unmanaged
    {
        rows.Add($"Mul_rm{width}", &Reg<Multiply, T>, &Mem<Multiply, T>, Access.Read);
        rows.Add($"Imul_rm{width}", &Reg<SignedMultiply, T>, &Mem<SignedMultiply, T>, Access.Read);
        rows.Add($"Div_rm{width}", &Reg<Divide, T>, &Mem<Divide, T>, Access.Read);
        rows.Add($"Idiv_rm{width}", &Reg<SignedDivide, T>, &Mem<SignedDivide, T>, Access.Read);
    }

    private static void Truncating<T>(RowBuilder rows, string width, string immediate)
        where T : unmanaged
    {
        rows.Add($"Imul_r{width}_rm{width}", &TruncatingReg<T>, &TruncatingMem<T>, Access.Read);
        rows.Add($"Imul_r{width}_rm{width}_imm8", &TruncatingRegImm<T>, &TruncatingMemImm<T>, Access.Read);
        rows.Add($"Imul_r{width}_rm{width}_{immediate}", &TruncatingRegImm<T>, &TruncatingMemImm<T>, Access.Read);
    }

    private interface IWideOp
    {
        /// <summary>Works on rDX:rAX (AX for bytes).</summary>
        /// <returns>False for #DE.</returns>
        static abstract bool Apply<T>(Cpu* cpu, ulong operand)
            where T : unmanaged;
    }

    private static Op* Reg<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IWideOp
        where T : unmanaged
    {
        if (!TOp.Apply<T>(cpu, Width.Load<T>(Cpu.At(cpu, op->Dst))))
            return Leave.Fault(cpu, op, Vector.De);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Mem<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IWideOp
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        if (!TOp.Apply<T>(cpu, Width.Load<T>(source)))
            return Leave.Fault(cpu, op, Vector.De);
        return op[1].Fn(cpu, op + 1);
    }

    private readonly struct Multiply : IWideOp
    {
        public static bool Apply<T>(Cpu* cpu, ulong operand)
            where T : unmanaged
        {
            ulong high = Math.BigMul(Width.Load<T>((byte*)cpu->Gpr(GeneralRegister.Rax)), operand, out ulong low);
            ulong upper = sizeof(T) == 8 ? high : low >> (8 * sizeof(T));
            StorePair<T>(cpu, low, upper);
            cpu->SetResult<T>(low, upper != 0, upper != 0, af: false);
            return true;
        }
    }

    private readonly struct SignedMultiply : IWideOp
    {
        public static bool Apply<T>(Cpu* cpu, ulong operand)
            where T : unmanaged
        {
            long left = (long)Width.SignExtend<T>(Width.Load<T>((byte*)cpu->Gpr(GeneralRegister.Rax)));
            long high = Math.BigMul(left, (long)Width.SignExtend<T>(operand), out long low);
            ulong upper = sizeof(T) == 8 ? (ulong)high : (ulong)(low >> (8 * sizeof(T)));
            StorePair<T>(cpu, (ulong)low, upper);
            bool overflow = Overflows<T>(high, low);
            cpu->SetResult<T>((ulong)low, overflow, overflow, af: false);
            return true;
        }
    }

    private readonly struct Divide : IWideOp
    {
        public static bool Apply<T>(Cpu* cpu, ulong operand)
            where T : unmanaged
        {
            if (operand == 0)
                return false;
            LoadPair<T>(cpu, out ulong high, out ulong low);
            if (high >= operand)
                return false;
            ulong quotient, remainder;
            if (sizeof(T) == 8)
            {
                (quotient, remainder) = high == 0 ? Math.DivRem(low, operand) : WideDivision.Divide(high, low, operand);
            }
            else
            {
                (quotient, remainder) = Math.DivRem((high << (8 * sizeof(T))) | low, operand);
            }

            StorePair<T>(cpu, quotient, remainder);
            return true;
        }
    }

    private readonly struct SignedDivide : IWideOp
    {
        public static bool Apply<T>(Cpu* cpu, ulong operand)
            where T : unmanaged
        {
            long divisor = (long)Width.SignExtend<T>(operand);
            if (divisor == 0)
                return false;
            LoadPair<T>(cpu, out ulong high, out ulong low);
            long quotient, remainder;
            if (sizeof(T) == 8 && high != (ulong)((long)low >> 63))
            {
                Int128 dividend = new(high, low);
                Int128 wide = dividend / divisor;
                if (wide != (long)wide)
                    return false;
                quotient = (long)wide;
                remainder = (long)(dividend - (wide * divisor));
            }
            else
            {
                long dividend = sizeof(T) == 8 ? (long)low : (long)((Width.SignExtend<T>(high) << ((8 * sizeof(T)) & 63)) | low);
                if (divisor == -1 && dividend == long.MinValue)
                    return false;
                (quotient, remainder) = Math.DivRem(dividend, divisor);
                if ((ulong)quotient != Width.SignExtend<T>((ulong)quotient))
                    return false;
            }

            StorePair<T>(cpu, (ulong)quotient, (ulong)remainder);
            return true;
        }
    }

    private static void LoadPair<T>(Cpu* cpu, out ulong high, out ulong low)
        where T : unmanaged
    {
        byte* rax = (byte*)cpu->Gpr(GeneralRegister.Rax);
        low = Width.Load<T>(rax);
        high = sizeof(T) == 1 ? rax[1] : Width.Load<T>((byte*)cpu->Gpr(GeneralRegister.Rdx));
    }

    private static void StorePair<T>(Cpu* cpu, ulong low, ulong high)
        where T : unmanaged
    {
        byte* rax = (byte*)cpu->Gpr(GeneralRegister.Rax);
        Width.StoreRegister<T>(rax, low);
        Width.StoreRegister<T>(sizeof(T) == 1 ? rax + 1 : (byte*)cpu->Gpr(GeneralRegister.Rdx), high);
    }

    private static bool Overflows<T>(long high, long low)
        where T : unmanaged
        => sizeof(T) == 8 ? high != low >> 63 : (ulong)low != Width.SignExtend<T>((ulong)low);

    private static Op* TruncatingReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        Width.StoreRegister<T>(target, Product<T>(cpu, Width.Load<T>(target), Width.Load<T>(Cpu.At(cpu, op->Src))));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* TruncatingMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        byte* target = Cpu.At(cpu, op->Dst);
        Width.StoreRegister<T>(target, Product<T>(cpu, Width.Load<T>(target), Width.Load<T>(source)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* TruncatingRegImm<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Product<T>(cpu, Width.Load<T>(Cpu.At(cpu, op->Src)), op->Imm));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* TruncatingMemImm<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Product<T>(cpu, Width.Load<T>(source), op->Imm));
        return op[1].Fn(cpu, op + 1);
    }

    private static ulong Product<T>(Cpu* cpu, ulong left, ulong right)
        where T : unmanaged
    {
        long high = Math.BigMul((long)Width.SignExtend<T>(left), (long)Width.SignExtend<T>(right), out long low);
        bool overflow = Overflows<T>(high, low);
        cpu->SetResult<T>((ulong)low, overflow, overflow, af: false);
        return (ulong)low;
    }
}
