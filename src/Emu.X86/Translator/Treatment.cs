namespace Emu.X86.Translator;

/// <summary>How an encoding becomes host code.</summary>
internal enum Treatment : byte
{
    /// <summary>The interpreter runs it: the default.</summary>
    Interpret,

    /// <summary>The same host instruction with its operands replaced.</summary>
    Same,

    /// <summary>The same; CF and OF change, the other flags stay.</summary>
    SameCarryOnly,

    /// <summary>No effect at all.</summary>
    Nothing,
    Lea,
    Shift,
    ShiftByCl,
    Rotate,
    Multiply,
    Scan,
    RotateByCl,
    Divide,
    SignedDivide,

    /// <summary>An x87 instruction that notes where it is.</summary>
    X87,
    X87Control,
    X87LoadControl,
    PushRegister,
    PushImmediate,
    Pop,
    Leave,
    CompareExchange16,
    PushMemory,
    PopMemory,
    PushFlags,
    PopFlags,
    ClearDirection,
    ClearInterrupts,
    SetInterrupts,
    ClearAc,
    SetAc,
    SwapGs,
    ReadControl,
    ReadTime,
    ReadSelector,
    ReadBase,
    WriteBase,

    /// <summary>No effect, but for the kernel only.</summary>
    Privileged,
    Condition,
    Jump,
    JumpIndirect,
    Call,
    CallIndirect,
    Return,
    SystemCall,
    SystemReturn,
}
