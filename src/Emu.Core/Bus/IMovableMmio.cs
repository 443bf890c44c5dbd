namespace Emu.Core.Bus;

/// <summary>A page of registers that the guest can move or switch off: the local APIC's.</summary>
public interface IMovableMmio : IMmioHandler
{
    /// <summary>Physical address of the 4 KiB page now, or <see cref="ulong.MaxValue"/> while there is none.</summary>
    ulong MmioBase { get; }
}
