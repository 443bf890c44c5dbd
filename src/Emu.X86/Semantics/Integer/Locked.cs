using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>XADD, CMPXCHG, CMPXCHG8B, CMPXCHG16B (SDM 2A, 2B). With one processor the LOCK prefix needs nothing.</summary>
internal static unsafe class Locked
{
    internal static void Add(RowBuilder rows)
    {
        Widths<Width.Byte>(rows, "8");
        Widths<Width.Word>(rows, "16");
        Widths<Width.Doubleword>(rows, "32");
        Widths<Width.Quadword>(rows, "64");
        rows.Add("Cmpxchg8b_m64", null, &CompareExchange8, Access.Read | Access.Write);
        rows.Add("Cmpxchg16b_m128", null, &CompareExchange16, Access.Read | Access.Write | Access.Aligned);
    }

    private static void Widths<T>(RowBuilder rows, string width)
        where T : unmanaged
    {
        Access both = Access.Read | Access.Write;
        rows.Add($"Xadd_rm{width}_r{width}", &ExchangeAddReg<T>, &ExchangeAddMem<T>, both);
        rows.Add($"Cmpxchg_rm{width}_r{width}", &CompareExchangeReg<T>, &CompareExchangeMem<T>, both);
    }

    private static Op* ExchangeAddReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        byte* source = Cpu.At(cpu, op->Src);
        ulong old = Width.Load<T>(target);
        ulong sum = BinaryOps.Add.Apply<T>(cpu, old, Width.Load<T>(source));
        Width.StoreRegister<T>(source, old);
        Width.StoreRegister<T>(target, sum); // last: XADD r, r leaves the sum
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ExchangeAddMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        byte* source = Cpu.At(cpu, op->Src);
        ulong old = Width.Load<T>(target);
        Width.Store<T>(target, BinaryOps.Add.Apply<T>(cpu, old, Width.Load<T>(source)));
        Width.StoreRegister<T>(source, old);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* CompareExchangeReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        ulong old = Width.Load<T>(target);
        byte* rax = (byte*)cpu->Gpr(GeneralRegister.Rax);
        BinaryOps.Sub.Apply<T>(cpu, Width.Load<T>(rax), old);
        if (cpu->Zf)
            Width.StoreRegister<T>(target, Width.Load<T>(Cpu.At(cpu, op->Src)));
        else
            Width.StoreRegister<T>(rax, old);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The destination is written in either case, so it must be writable in either case.</summary>
    private static Op* CompareExchangeMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        ulong old = Width.Load<T>(target);
        byte* rax = (byte*)cpu->Gpr(GeneralRegister.Rax);
        BinaryOps.Sub.Apply<T>(cpu, Width.Load<T>(rax), old);
        if (cpu->Zf)
            Width.Store<T>(target, Width.Load<T>(Cpu.At(cpu, op->Src)));
        else
            Width.StoreRegister<T>(rax, old);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* CompareExchange8(Cpu* cpu, Op* op)
    {
        if (!Cpu.ForWrite<ulong>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        uint* low = (uint*)cpu->Gpr(GeneralRegister.Rax);
        uint* high = (uint*)cpu->Gpr(GeneralRegister.Rdx);
        ulong old = *(ulong*)target;
        bool equal = old == (((ulong)*high << 32) | *low);
        if (equal)
        {
            *(ulong*)target = (*cpu->Gpr(GeneralRegister.Rcx) << 32) | (uint)*cpu->Gpr(GeneralRegister.Rbx);
        }
        else
        {
            *cpu->Gpr(GeneralRegister.Rax) = (uint)old;
            *cpu->Gpr(GeneralRegister.Rdx) = old >> 32;
        }

        SetZf(cpu, equal);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* CompareExchange16(Cpu* cpu, Op* op)
    {
        ulong address = op->Address(cpu);
        if ((address & 15) != 0)
            return Leave.Fault(cpu, op, Vector.Gp);
        if (!Cpu.ForWrite<UInt128>(cpu, address, out byte* target))
            return SlowPath.Memory(cpu, op);
        ulong* pair = (ulong*)target;
        ulong* rax = cpu->Gpr(GeneralRegister.Rax);
        ulong* rdx = cpu->Gpr(GeneralRegister.Rdx);
        bool equal = pair[0] == *rax && pair[1] == *rdx;
        if (equal)
        {
            pair[0] = *cpu->Gpr(GeneralRegister.Rbx);
            pair[1] = *cpu->Gpr(GeneralRegister.Rcx);
        }
        else
        {
            *rax = pair[0];
            *rdx = pair[1];
        }

        SetZf(cpu, equal);
        return op[1].Fn(cpu, op + 1);
    }

    private static void SetZf(Cpu* cpu, bool zf)
        => cpu->SetStatus((cpu->RflagsValue & ~Rflags.Zf) | (zf ? Rflags.Zf : 0));
}
