using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Dumps;

/// <summary>What a dump is to be.</summary>
public sealed record DumpOptions
{
    /// <summary>The snapshot file.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The dump; <c>dmesg.txt</c>, <c>regs.json</c> and <c>stack.txt</c> are written beside it.</summary>
    public required string Out { get; init; }

    /// <summary>What it is.</summary>
    public DumpFormat Format { get; init; }

    /// <summary>Of which kernel.</summary>
    public KernelChoice Kernel { get; init; }

    /// <summary>System.map or unstripped vmlinux; null for the one beside the snapshot's disk image.</summary>
    public string? Symbols { get; init; }

    /// <summary>Is told the frames written.</summary>
    public Action<int>? Progress { get; init; }
}
