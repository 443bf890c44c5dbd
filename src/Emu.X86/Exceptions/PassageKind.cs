namespace Emu.X86.Exceptions;

/// <summary>How control passes between what runs and what serves it.</summary>
public enum PassageKind
{
    /// <summary>An exception or interrupt was delivered (SDM 3A 6.12).</summary>
    Delivery,

    /// <summary>IRET.</summary>
    Return,

    /// <summary>SYSCALL or SYSENTER.</summary>
    SystemCall,

    /// <summary>SYSRET or SYSEXIT.</summary>
    SystemReturn,
}
