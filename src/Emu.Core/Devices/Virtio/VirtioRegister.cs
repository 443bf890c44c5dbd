namespace Emu.Core.Devices.Virtio;

/// <summary>One 32-bit register of the MMIO transport.</summary>
/// <param name="Offset">From the base of the device.</param>
/// <param name="Name">As in virtio 1.2, table 4.1.</param>
/// <param name="Read">Null when write-only.</param>
/// <param name="Write">Null when read-only.</param>
internal sealed record VirtioRegister(int Offset, string Name, Func<IVirtioTransport, uint>? Read, Action<IVirtioTransport, uint>? Write);
