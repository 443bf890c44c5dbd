namespace Emu.X86.Semantics.Float;

/// <summary>COMISx, UCOMISx and the predicates of CMPxx. SDM 2A, CMPPS.</summary>
public static class SseComparison
{
    /// <summary>
    /// Compares. A signaling NaN is always invalid, a quiet one only with <paramref name="signalQuiet"/>.
    /// </summary>
    public static Relation Compare<T>(ulong a, ulong b, bool signalQuiet, ref FloatContext context) where T : struct, IBinaryFormat
    {
        a = SseArithmetic.Effective<T>(a, in context);
        b = SseArithmetic.Effective<T>(b, in context);
        if (Format<T>.IsNaN(a) || Format<T>.IsNaN(b))
        {
            if (signalQuiet || Format<T>.IsSignaling(a) || Format<T>.IsSignaling(b))
                context.Raise(FloatExceptions.Invalid);
            return Relation.Unordered;
        }
        if (Format<T>.IsDenormal(a) || Format<T>.IsDenormal(b))
            context.Raise(FloatExceptions.Denormal);
        if (((a | b) & ~Format<T>.SignBit) == 0 || a == b)
            return Relation.Equal;
        bool negative = (a & Format<T>.SignBit) != 0;
        if (negative != ((b & Format<T>.SignBit) != 0))
            return negative ? Relation.Less : Relation.Greater;
        return a < b != negative ? Relation.Less : Relation.Greater;
    }

    /// <summary>Predicate 0 .. 7 of CMPxx: EQ LT LE UNORD NEQ NLT NLE ORD.</summary>
    public static bool Test<T>(ulong a, ulong b, int predicate, ref FloatContext context) where T : struct, IBinaryFormat
    {
        Relation relation = Compare<T>(a, b, signalQuiet: (predicate & 3) is 1 or 2, ref context);
        bool holds = (predicate & 3) switch
        {
            0 => relation == Relation.Equal,
            1 => relation == Relation.Less,
            2 => relation is Relation.Less or Relation.Equal,
            _ => relation == Relation.Unordered,
        };
        return holds != (predicate >= 4);
    }
}
