using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>INC, DEC, NOT, NEG.</summary>
internal static unsafe class UnaryOps
{
    internal readonly struct Inc : IUnaryOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged
        {
            bool carry = cpu->Cf;
            cpu->SetAdd<T>(value, 1, value + 1);
            cpu->KeepCarry(carry);
            return value + 1;
        }
    }

    internal readonly struct Dec : IUnaryOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged
        {
            bool carry = cpu->Cf;
            cpu->SetSub<T>(value, 1, value - 1);
            cpu->KeepCarry(carry);
            return value - 1;
        }
    }

    internal readonly struct Not : IUnaryOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged => ~value;
    }

    internal readonly struct Neg : IUnaryOp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
            where T : unmanaged
        {
            cpu->SetSub<T>(0, value, 0 - value);
            return 0 - value;
        }
    }
}
