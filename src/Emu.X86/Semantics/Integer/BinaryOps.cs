using System.Runtime.CompilerServices;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST (SDM 2A, 2B).</summary>
internal static unsafe class BinaryOps
{
    internal readonly struct Add : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left + right;
            cpu->SetAdd<T>(left, right, result);
            return result;
        }
    }

    internal readonly struct Adc : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left + right + cpu->CarryIn;
            cpu->SetAdd<T>(left, right, result);
            return result;
        }
    }

    internal readonly struct Sub : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left - right;
            cpu->SetSub<T>(left, right, result);
            return result;
        }
    }

    internal readonly struct Sbb : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left - right - cpu->CarryIn;
            cpu->SetSub<T>(left, right, result);
            return result;
        }
    }

    internal readonly struct Cmp : IBinaryOp
    {
        public static bool Writes => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => Sub.Apply<T>(cpu, left, right);
    }

    internal readonly struct And : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left & right;
            cpu->SetLogic<T>(result);
            return result;
        }
    }

    internal readonly struct Or : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left | right;
            cpu->SetLogic<T>(result);
            return result;
        }
    }

    internal readonly struct Xor : IBinaryOp
    {
        public static bool Writes => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged
        {
            ulong result = left ^ right;
            cpu->SetLogic<T>(result);
            return result;
        }
    }

    internal readonly struct Test : IBinaryOp
    {
        public static bool Writes => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => And.Apply<T>(cpu, left, right);
    }
}
