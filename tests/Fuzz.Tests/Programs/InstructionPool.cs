using Emu.X86.Semantics;
using Iced.Intel;

namespace Fuzz.Tests.Programs;

/// <summary>Encodings a random program may contain, by kind: every row of the processor that does not reach for the world outside or saw off the branch it sits on.</summary>
internal static class InstructionPool
{
    private static readonly string[] Excluded =
    [
        "Hlt", "In", "Out", "Insb", "Insw", "Insd", "Outsb", "Outsw", "Outsd", "Wrmsr", "Lgdt", "Lidt", "Lldt", "Ltr", "Lmsw", "Xsetbv", "Sysret", "Sysretq", "Sysexit",
        "Sysexitq", "Rsm", "Xrstor", "Xrstor64",
    ];

    /// <summary>Moves, arithmetic, logic, shifts, bits, flags; everything that is not in another list.</summary>
    public static Code[] Integer { get; }

    /// <summary>SSE and MMX.</summary>
    public static Code[] Vector { get; }

    public static Code[] X87 { get; }

    public static Code[] String { get; }

    /// <summary>Conditional branches and loops by displacement.</summary>
    public static Code[] Branch { get; }

    /// <summary>PUSH, POP, ENTER, LEAVE and their like.</summary>
    public static Code[] Stack { get; }

    static InstructionPool()
    {
        ILookup<string, Code> kinds = Enum.GetValues<Code>().Where(IsEligible).ToLookup(KindOf);
        Integer = [.. kinds["integer"]];
        Vector = [.. kinds["vector"]];
        X87 = [.. kinds["x87"]];
        String = [.. kinds["string"]];
        Branch = [.. kinds["branch"]];
        Stack = [.. kinds["stack"]];
    }

    private static bool IsEligible(Code code)
    {
        InsnRow row = InsnTable.Instance[code];
        OpCodeInfo info = code.ToOpCode();
        if ((row.RegisterForm == 0 && row.MemoryForm == 0) || !info.IsInstruction || !info.Mode64 || Excluded.Contains(info.Mnemonic.ToString()))
            return false;
        return !code.ToString().StartsWith("Mov_cr", StringComparison.Ordinal) && !code.ToString().StartsWith("Mov_dr", StringComparison.Ordinal);
    }

    private static string KindOf(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        OpCodeOperandKind[] operands = [.. Enumerable.Range(0, info.OpCount).Select(info.GetOpKind)];
        if (operands.Any(kind => kind is OpCodeOperandKind.br64_1 or OpCodeOperandKind.br64_4))
            return "branch";
        if (operands.Any(kind => kind is OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2 or OpCodeOperandKind.br32_1 or OpCodeOperandKind.br32_4))
            return "none";
        if (operands.Any(kind => kind.ToString().StartsWith("xmm", StringComparison.Ordinal) || kind.ToString().StartsWith("mm_", StringComparison.Ordinal)))
            return "vector";
        string mnemonic = info.Mnemonic.ToString();
        if (operands.Any(kind => kind is OpCodeOperandKind.es_rDI or OpCodeOperandKind.seg_rSI))
            return "string";
        if (mnemonic is "Push" or "Pop" or "Enter" or "Leave" or "Pushf" or "Pushfq" or "Popf" or "Popfq" or "Ret")
            return "stack";
        return mnemonic[0] == 'F' && !mnemonic.StartsWith("Fx", StringComparison.Ordinal) ? "x87" : "integer";
    }
}
