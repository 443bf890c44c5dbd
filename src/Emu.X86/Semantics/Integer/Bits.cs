using System.Numerics;
using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>
/// BT, BTS, BTR, BTC, BSF, BSR (SDM 2A). BT changes CF only. BSF and BSR of zero leave the destination (AMD documents it, Intel does it) and set
/// ZF; their other flags are undefined on paper, ours are those of a logical operation on the source.
/// </summary>
internal static unsafe class Bits
{
    private interface IBitOp
    {
        static abstract bool Writes { get; }

        static abstract ulong Apply(ulong value, ulong mask);
    }

    internal static void Add(RowBuilder rows)
    {
        Family<Test>(rows, "Bt");
        Family<Set>(rows, "Bts");
        Family<Reset>(rows, "Btr");
        Family<Complement>(rows, "Btc");
        Scan<Width.Word>(rows, "16");
        Scan<Width.Doubleword>(rows, "32");
        Scan<Width.Quadword>(rows, "64");
    }

    private static void Family<TOp>(RowBuilder rows, string name)
        where TOp : struct, IBitOp
    {
        Widths<TOp, Width.Word>(rows, name, "16");
        Widths<TOp, Width.Doubleword>(rows, name, "32");
        Widths<TOp, Width.Quadword>(rows, name, "64");
    }

    private static void Widths<TOp, T>(RowBuilder rows, string name, string width)
        where TOp : struct, IBitOp
        where T : unmanaged
    {
        rows.Add($"{name}_rm{width}_r{width}", &RegReg<TOp, T>, &MemReg<TOp, T>);
        rows.Add($"{name}_rm{width}_imm8", &RegImm<TOp, T>, &MemImm<TOp, T>, TOp.Writes ? Access.Read | Access.Write : Access.Read);
    }

    private static void Scan<T>(RowBuilder rows, string width)
        where T : unmanaged
    {
        rows.Add($"Bsf_r{width}_rm{width}", &ScanReg<Forward, T>, &ScanMem<Forward, T>, Access.Read);
        rows.Add($"Bsr_r{width}_rm{width}", &ScanReg<Backward, T>, &ScanMem<Backward, T>, Access.Read);
    }

    private readonly struct Test : IBitOp
    {
        public static bool Writes => false;

        public static ulong Apply(ulong value, ulong mask) => value;
    }

    private readonly struct Set : IBitOp
    {
        public static bool Writes => true;

        public static ulong Apply(ulong value, ulong mask) => value | mask;
    }

    private readonly struct Reset : IBitOp
    {
        public static bool Writes => true;

        public static ulong Apply(ulong value, ulong mask) => value & ~mask;
    }

    private readonly struct Complement : IBitOp
    {
        public static bool Writes => true;

        public static ulong Apply(ulong value, ulong mask) => value ^ mask;
    }

    private static Op* RegReg<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBitOp
        where T : unmanaged
    {
        InRegister<TOp, T>(cpu, op, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* RegImm<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBitOp
        where T : unmanaged
    {
        InRegister<TOp, T>(cpu, op, op->Imm);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InRegister<TOp, T>(Cpu* cpu, Op* op, ulong bit)
        where TOp : struct, IBitOp
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        ulong value = Width.Load<T>(target);
        ulong mask = 1UL << (int)(bit & (ulong)(Width.Bits<T>() - 1));
        cpu->SetCarry((value & mask) != 0);
        if (TOp.Writes)
            Width.StoreRegister<T>(target, TOp.Apply(value, mask));
    }

    private static Op* MemImm<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBitOp
        where T : unmanaged
    {
        if (!(TOp.Writes ? Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target) : Cpu.ForRead<T>(cpu, op->Address(cpu), out target)))
            return SlowPath.Memory(cpu, op);
        ulong value = Width.Load<T>(target);
        ulong mask = 1UL << (int)(op->Imm & (ulong)(Width.Bits<T>() - 1));
        cpu->SetCarry((value & mask) != 0);
        if (TOp.Writes)
            Width.Store<T>(target, TOp.Apply(value, mask));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>A bit string: the register's signed bit number reaches beyond the operand (SDM 2A, BT).</summary>
    private static Op* MemReg<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IBitOp
        where T : unmanaged
    {
        long bit = (long)Width.SignExtend<T>(Width.Load<T>(Cpu.At(cpu, op->Src)));
        int log = BitOperations.Log2((uint)Width.Bits<T>());
        ulong address = op->Address(cpu) + (ulong)((bit >> log) * sizeof(T));
        if (!cpu->Is64Bit)
            address = (uint)address;
        if (!Cpu.TryRead(cpu, op, address, out T operand))
            return Leave.Fault(cpu, op);
        ulong value = Width.Load<T>((byte*)&operand);
        ulong mask = 1UL << (int)(bit & (Width.Bits<T>() - 1));
        if (TOp.Writes)
        {
            Width.Store<T>((byte*)&operand, TOp.Apply(value, mask));
            if (!Cpu.TryWrite(cpu, op, address, operand))
                return Leave.Fault(cpu, op);
        }

        cpu->SetCarry((value & mask) != 0);
        return Leave.Next(cpu, op);
    }

    private interface IScan
    {
        static abstract ulong Find(ulong value);
    }

    private readonly struct Forward : IScan
    {
        public static ulong Find(ulong value) => (ulong)BitOperations.TrailingZeroCount(value);
    }

    private readonly struct Backward : IScan
    {
        public static ulong Find(ulong value) => (ulong)BitOperations.Log2(value);
    }

    private static Op* ScanReg<TScan, T>(Cpu* cpu, Op* op)
        where TScan : struct, IScan
        where T : unmanaged
    {
        Scanned<TScan, T>(cpu, op, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* ScanMem<TScan, T>(Cpu* cpu, Op* op)
        where TScan : struct, IScan
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Scanned<TScan, T>(cpu, op, Width.Load<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scanned<TScan, T>(Cpu* cpu, Op* op, ulong value)
        where TScan : struct, IScan
        where T : unmanaged
    {
        cpu->SetLogic<T>(value);
        if (value != 0)
            Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), TScan.Find(value));
    }
}
