namespace Emu.X86.State;

/// <summary>General-purpose registers in their encoding order (SDM 2A, table 3-1).</summary>
public enum GeneralRegister : byte
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}
