using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Exploring;

/// <summary>A machine as one sees it at one instruction.</summary>
public sealed record MomentView
{
    /// <summary>Retired instructions since power-on.</summary>
    public required ulong Icount { get; init; }

    /// <summary>Guest time since power-on, ns.</summary>
    public required ulong VtimeNs { get; init; }

    /// <summary>The current privilege level: 0 in the kernel, 3 in a process.</summary>
    public required int Cpl { get; init; }

    /// <summary>The next instruction, by name.</summary>
    public required string Place { get; init; }

    /// <summary>Registers by name, hexadecimal.</summary>
    public required IReadOnlyList<RegisterView> Registers { get; init; }

    /// <summary>Instructions around RIP.</summary>
    public required IReadOnlyList<CodeLine> Code { get; init; }

    /// <summary>Who called whom in the kernel; empty in user mode and where that cannot be told.</summary>
    public required string Stack { get; init; }

    /// <summary>Which of the kernels lives: 1 for the one loaded from outside, one more with each crash; null where none was found.</summary>
    public required uint? Generation { get; init; }

    /// <summary>Its processes.</summary>
    public required IReadOnlyList<KernelTask> Tasks { get; init; }

    /// <summary>The pid of the task that runs; null where that cannot be told.</summary>
    public required int? Current { get; init; }

    /// <summary>What is damaged in it.</summary>
    public required IReadOnlyList<Damage> Damages { get; init; }
}
