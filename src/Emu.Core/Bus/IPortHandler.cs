namespace Emu.Core.Bus;

/// <summary>Registers in the I/O space. Called only with the widths declared at registration, never across the end of the range.</summary>
public interface IPortHandler
{
    /// <summary>IN. Bits above <paramref name="size"/> are ignored by the bus.</summary>
    uint ReadPort(ushort port, int size);

    /// <summary>OUT. Bits above <paramref name="size"/> are zero.</summary>
    void WritePort(ushort port, int size, uint value);
}
