using System.Runtime.CompilerServices;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>The sixteen conditions of Jcc, SETcc and CMOVcc (SDM 1, appendix B).</summary>
internal static unsafe class Conditions
{
    /// <summary>One condition.</summary>
    internal interface ICondition
    {
        static abstract bool Holds(Cpu* cpu);

        /// <summary>The same right after <c>left - right</c> of width T, from the operands: shorter than from the flags.</summary>
        static abstract bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged;

        /// <summary>The same right after a logical operation of width T.</summary>
        static abstract bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged;
    }

    internal readonly struct O : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Of;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => cpu->Of;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => false;
    }

    internal readonly struct B : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Cf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => left < right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => false;
    }

    internal readonly struct E : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Zf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => left == right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => result == 0;
    }

    internal readonly struct Be : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Cf | cpu->Zf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => left <= right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => result == 0;
    }

    internal readonly struct S : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Sf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => cpu->Sf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => (result & Width.Sign<T>()) != 0;
    }

    internal readonly struct P : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Pf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => cpu->Pf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => cpu->Pf;
    }

    internal readonly struct L : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Less;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => (long)Width.SignExtend<T>(left) < (long)Width.SignExtend<T>(right);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => (result & Width.Sign<T>()) != 0;
    }

    internal readonly struct Le : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Less | cpu->Zf;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => (long)Width.SignExtend<T>(left) <= (long)Width.SignExtend<T>(right);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => (long)Width.SignExtend<T>(result) <= 0;
    }

    /// <summary>The odd conditions are the even ones inverted.</summary>
    internal readonly struct Not<TCondition> : ICondition
        where TCondition : struct, ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => !TCondition.Holds(cpu);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterCompare<T>(Cpu* cpu, ulong left, ulong right)
            where T : unmanaged => !TCondition.HoldsAfterCompare<T>(cpu, left, right);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool HoldsAfterLogic<T>(Cpu* cpu, ulong result)
            where T : unmanaged => !TCondition.HoldsAfterLogic<T>(cpu, result);
    }
}
