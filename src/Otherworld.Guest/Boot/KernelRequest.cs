using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>What to boot.</summary>
public sealed record KernelRequest
{
    /// <summary>A bzImage, an ELF with a PVH note, or an image with a multiboot header.</summary>
    public required FileBytes Kernel { get; init; }

    /// <summary>Linux takes at most one, a multiboot kernel any number.</summary>
    public IReadOnlyList<FileBytes> Modules { get; init; } = [];

    /// <summary>The command line, ASCII.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Physical address of the ACPI root pointer, 0 for none.</summary>
    public ulong Rsdp { get; init; }
}
