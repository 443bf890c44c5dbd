using Emu.X86.Interpreter;
using Iced.Intel;

namespace Emu.X86.Semantics;

/// <summary>One instruction encoding: what runs it. Operands, width, privilege, flags and CPUID bit come from Iced.</summary>
public readonly unsafe record struct InsnRow
{
    /// <summary>The encoding.</summary>
    public required Code Code { get; init; }

    /// <summary>Handler when the instruction has no memory operand; 0 when there is no such form.</summary>
    public nint RegisterForm { get; init; }

    /// <summary>Handler when it has one; 0 when there is no such form.</summary>
    public nint MemoryForm { get; init; }

    /// <summary>Shorter handler for a memory operand without index; 0 when there is none.</summary>
    public nint BasedForm { get; init; }

    /// <summary>The memory form's fast-path access without its size, which Iced knows; <see cref="Access.None"/> when it uses TryRead/TryWrite.</summary>
    public Access Access { get; init; }

    /// <summary>Effective operand size in bytes (2, 4 or 8); 0 where the mode's default holds.</summary>
    public byte OperandSize { get; init; }

    /// <summary>How the decoder treats it.</summary>
    public RowTraits Traits { get; init; }

    /// <summary>Why the encoding is #UD on our processor; null for implemented rows.</summary>
    public string? Undefined { get; init; }
}
