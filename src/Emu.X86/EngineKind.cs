namespace Emu.X86;

/// <summary>What runs the guest's instructions. Both give the same bits; no guest and no snapshot can tell which it was.</summary>
public enum EngineKind
{
    /// <summary>Ops one after the other: the definition of every result.</summary>
    Interpreter,

    /// <summary>Hot blocks as host code (x86-64 hosts with BMI2); everything else by the interpreter.</summary>
    Translator,
}
