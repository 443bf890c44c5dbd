namespace Emu.Core.Machine;

/// <summary>One of the eight places for a virtio-mmio device.</summary>
/// <param name="Index">0 to 7.</param>
public readonly record struct VirtioSlot(int Index)
{
    /// <summary>Slots of a machine.</summary>
    public const int Count = 8;

    /// <summary>Bytes of the register window.</summary>
    public const ulong Length = 0x200;

    private static ReadOnlySpan<byte> Irqs => [5, 9, 10, 11, 6, 14, 15, 12];

    /// <summary>Physical address of the register window.</summary>
    public ulong Address => 0xFEB0_0000 + (ulong)Index * Length;

    /// <summary>ISA interrupt.</summary>
    public int Irq => Irqs[Index];
}
