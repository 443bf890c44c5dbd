namespace Otherworld.Guest.Boot;

/// <summary>The processor as a boot protocol wants it at the kernel's first instruction. All else is power-on state, interrupts are off.</summary>
/// <remarks>
/// Segments are flat: base 0, limit 4 GiB. Code is execute/read, data is read/write, both present at privilege 0 and accessed. TR is a present
/// 32-bit busy TSS with base 0 and limit 67H, LDTR is unusable, IDTR has limit 0.
/// </remarks>
public sealed record EntryState
{
    /// <summary>Selector of the code segment.</summary>
    public const ushort CodeSelector = 0x10;

    /// <summary>Selector of DS, ES, FS, GS and SS.</summary>
    public const ushort DataSelector = 0x18;

    /// <summary>Selector of TR.</summary>
    public const ushort TaskSelector = 0x20;

    /// <summary>Protected or long mode.</summary>
    public required EntryMode Mode { get; init; }

    /// <summary>The first instruction, a physical address.</summary>
    public required ulong Rip { get; init; }

    public ulong Rax { get; init; }

    public ulong Rbx { get; init; }

    public ulong Rsi { get; init; }

    /// <summary>Top of a small stack for kernels that push before they set their own.</summary>
    public ulong Rsp { get; init; }

    /// <summary>Reserved bit 1 set, IF and DF clear.</summary>
    public ulong Rflags { get; init; } = 2;

    public required ulong Cr0 { get; init; }

    public ulong Cr3 { get; init; }

    public ulong Cr4 { get; init; }

    /// <summary>IA32_EFER.</summary>
    public ulong Efer { get; init; }

    /// <summary>Physical address of the descriptor table.</summary>
    public required ulong GdtBase { get; init; }

    /// <summary>Its size in bytes less one.</summary>
    public required ushort GdtLimit { get; init; }
}
