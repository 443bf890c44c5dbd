namespace Emu.Core.Bus;

/// <summary>What the processor's accesses outside RAM reach: the I/O space and the memory-mapped registers.</summary>
public sealed class SystemBus(PortBus ports, MmioBus mmio) : IBus
{
    private readonly PortBus _ports = ports;
    private readonly MmioBus _mmio = mmio;

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => _ports.Read(port, size);

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value) => _ports.Write(port, size, value);

    /// <inheritdoc/>
    public ulong ReadMmio(ulong physical, int size) => _mmio.Read(physical, size);

    /// <inheritdoc/>
    public void WriteMmio(ulong physical, int size, ulong value) => _mmio.Write(physical, size, value);
}
