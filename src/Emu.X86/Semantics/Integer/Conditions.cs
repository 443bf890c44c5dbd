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
    }

    internal readonly struct O : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Of;
    }

    internal readonly struct B : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Cf;
    }

    internal readonly struct E : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Zf;
    }

    internal readonly struct Be : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Cf | cpu->Zf;
    }

    internal readonly struct S : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Sf;
    }

    internal readonly struct P : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Pf;
    }

    internal readonly struct L : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Less;
    }

    internal readonly struct Le : ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => cpu->Less | cpu->Zf;
    }

    /// <summary>The odd conditions are the even ones inverted.</summary>
    internal readonly struct Not<TCondition> : ICondition
        where TCondition : struct, ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(Cpu* cpu) => !TCondition.Holds(cpu);
    }
}
