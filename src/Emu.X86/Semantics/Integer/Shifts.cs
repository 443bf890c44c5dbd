using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>
/// SHL, SHR, SAR, ROL, ROR, RCL, RCR, SHLD, SHRD (SDM 2B). A count of 0 changes no flag. AF after a shift and OF after a shift by more than 1 are
/// undefined on paper; ours: AF clear, OF by the rule for a count of 1 applied to the result.
/// </summary>
internal static unsafe class Shifts
{
    private interface IShift
    {
        static abstract ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged;
    }

    internal static void Add(RowBuilder rows)
    {
        Family<Shl>(rows, "Shl");
        Family<Shl>(rows, "Sal");
        Family<Shr>(rows, "Shr");
        Family<Sar>(rows, "Sar");
        Family<Rol>(rows, "Rol");
        Family<Ror>(rows, "Ror");
        Family<Rcl>(rows, "Rcl");
        Family<Rcr>(rows, "Rcr");
        Double<Width.Word>(rows, "16");
        Double<Width.Doubleword>(rows, "32");
        Double<Width.Quadword>(rows, "64");
    }

    private static void Family<TShift>(RowBuilder rows, string name)
        where TShift : struct, IShift
    {
        Unary.Rows<ByImmediate<TShift>>(rows, name, "_imm8");
        Unary.Rows<ByOne<TShift>>(rows, name, "_1");
        Unary.Rows<ByCl<TShift>>(rows, name, "_CL");
    }

    private static void Double<T>(RowBuilder rows, string width)
        where T : unmanaged
    {
        Access both = Access.Read | Access.Write;
        rows.Add($"Shld_rm{width}_r{width}_imm8", &Unary.Reg<Shld<ImmediateCount>, T>, &Unary.Mem<Shld<ImmediateCount>, T>, both);
        rows.Add($"Shld_rm{width}_r{width}_CL", &Unary.Reg<Shld<ClCount>, T>, &Unary.Mem<Shld<ClCount>, T>, both);
        rows.Add($"Shrd_rm{width}_r{width}_imm8", &Unary.Reg<Shrd<ImmediateCount>, T>, &Unary.Mem<Shrd<ImmediateCount>, T>, both);
        rows.Add($"Shrd_rm{width}_r{width}_CL", &Unary.Reg<Shrd<ClCount>, T>, &Unary.Mem<Shrd<ClCount>, T>, both);
    }

    private interface ICount
    {
        static abstract int Get(Cpu* cpu, Op* op);
    }

    private readonly struct ImmediateCount : ICount
    {
        public static int Get(Cpu* cpu, Op* op) => (int)op->Imm;
    }

    private readonly struct ClCount : ICount
    {
        public static int Get(Cpu* cpu, Op* op) => *(byte*)cpu->Gpr(GeneralRegister.Rcx);
    }

    private readonly struct ByImmediate<TShift> : IUnaryOp
        where TShift : struct, IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged => TShift.Apply<T>(cpu, value, (int)op->Imm & (sizeof(T) == 8 ? 63 : 31));
    }

    private readonly struct ByOne<TShift> : IUnaryOp
        where TShift : struct, IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged => TShift.Apply<T>(cpu, value, 1);
    }

    private readonly struct ByCl<TShift> : IUnaryOp
        where TShift : struct, IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged => TShift.Apply<T>(cpu, value, *(byte*)cpu->Gpr(GeneralRegister.Rcx) & (sizeof(T) == 8 ? 63 : 31));
    }

    private readonly struct Shl : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            if (count == 0)
                return value;
            int bits = Width.Bits<T>();
            ulong carry = sizeof(T) == 8 ? value >> (bits - count) : (value << count) >> bits;
            ulong result = Width.Truncate<T>(value << count);
            cpu->SetShifted<T>(result, carry, result >> (bits - 1));
            return result;
        }
    }

    private readonly struct Shr : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            if (count == 0)
                return value;
            ulong carry = value >> (count - 1);
            ulong result = value >> count;
            cpu->SetShifted<T>(result, carry, carry ^ (result >> (Width.Bits<T>() - 2)));
            return result;
        }
    }

    private readonly struct Sar : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            if (count == 0)
                return value;
            long signed = (long)Width.SignExtend<T>(value);
            ulong result = Width.Truncate<T>((ulong)(signed >> count));
            ulong carry = (ulong)(signed >> (count - 1));
            cpu->SetShifted<T>(result, carry, carry);
            return result;
        }
    }

    private readonly struct Rol : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            if (count == 0)
                return value;
            ulong result = RotateLeft<T>(value, count);
            cpu->SetRotated(result, result >> (Width.Bits<T>() - 1));
            return result;
        }
    }

    private readonly struct Ror : IShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            if (count == 0)
                return value;
            ulong result = RotateLeft<T>(value, Width.Bits<T>() - (count & (Width.Bits<T>() - 1)));
            cpu->SetRotated(result >> (Width.Bits<T>() - 1), result >> (Width.Bits<T>() - 2));
            return result;
        }
    }

    private readonly struct Rcl : IShift
    {
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            count %= Width.Bits<T>() + 1;
            if (count == 0)
                return value;
            UInt128 ring = RotateRing<T>(new UInt128(0, cpu->CarryIn) << Width.Bits<T>() | value, count);
            ulong result = Width.Truncate<T>((ulong)ring);
            cpu->SetRotated((ulong)(ring >> Width.Bits<T>()), result >> (Width.Bits<T>() - 1));
            return result;
        }
    }

    private readonly struct Rcr : IShift
    {
        public static ulong Apply<T>(Cpu* cpu, ulong value, int count)
            where T : unmanaged
        {
            count %= Width.Bits<T>() + 1;
            if (count == 0)
                return value;
            UInt128 ring = RotateRing<T>(new UInt128(0, cpu->CarryIn) << Width.Bits<T>() | value, Width.Bits<T>() + 1 - count);
            ulong result = Width.Truncate<T>((ulong)ring), carry = (ulong)(ring >> Width.Bits<T>());
            cpu->SetRotated(carry, carry ^ (result >> (Width.Bits<T>() - 1)) ^ (result >> (Width.Bits<T>() - 2)));
            return result;
        }
    }

    private readonly struct Shld<TCount> : IUnaryOp
        where TCount : struct, ICount
    {
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged
        {
            int count = TCount.Get(cpu, op) & (sizeof(T) == 8 ? 63 : 31);
            if (count == 0)
                return value;
            ulong source = Width.Load<T>(Cpu.At(cpu, op->Src));
            int bits = Width.Bits<T>();
            // 16 bits by more than 16: undefined on paper; ours takes the bits from value:source:value.
            UInt128 wide = sizeof(T) == 2 ? ((UInt128)value << 32) | (source << 16) | value : ((UInt128)value << bits) | source;
            int total = sizeof(T) == 2 ? 48 : 2 * bits;
            bool carry = ((ulong)(wide >> (total - count)) & 1) != 0;
            ulong result = Width.Truncate<T>((ulong)(wide >> (total - bits - count)));
            cpu->SetResult<T>(result, carry, ((result ^ value) & Width.Sign<T>()) != 0, af: false);
            return result;
        }
    }

    private readonly struct Shrd<TCount> : IUnaryOp
        where TCount : struct, ICount
    {
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged
        {
            int count = TCount.Get(cpu, op) & (sizeof(T) == 8 ? 63 : 31);
            if (count == 0)
                return value;
            ulong source = Width.Load<T>(Cpu.At(cpu, op->Src));
            int bits = Width.Bits<T>();
            UInt128 wide = sizeof(T) == 2 ? ((UInt128)value << 32) | (source << 16) | value : ((UInt128)source << bits) | value;
            bool carry = ((ulong)(wide >> (count - 1)) & 1) != 0;
            ulong result = Width.Truncate<T>((ulong)(wide >> count));
            cpu->SetResult<T>(result, carry, ((result ^ value) & Width.Sign<T>()) != 0, af: false);
            return result;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong RotateLeft<T>(ulong value, int count)
        where T : unmanaged
    {
        int bits = Width.Bits<T>();
        count &= bits - 1;
        return count == 0 ? value : Width.Truncate<T>((value << count) | (value >> (bits - count)));
    }

    /// <summary>Rotates CF and the operand, one bit more than the width, to the left.</summary>
    private static UInt128 RotateRing<T>(UInt128 ring, int count)
        where T : unmanaged
    {
        int size = Width.Bits<T>() + 1;
        UInt128 mask = (UInt128.One << size) - 1;
        return ((ring << count) | (ring >> (size - count))) & mask;
    }
}
