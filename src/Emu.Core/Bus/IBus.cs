namespace Emu.Core.Bus;

/// <summary>Everything a processor reaches that is not RAM. Sizes are 1, 2, 4 or 8 bytes; the bus splits and merges for narrower devices.</summary>
/// <remarks>The caller has stored the exact tick in the machine's clock. An access may raise interrupts, schedule events or stop the machine.</remarks>
public interface IBus
{
    /// <summary>IN from an I/O port; unclaimed ports read as all ones and are counted.</summary>
    uint ReadPort(ushort port, int size);

    /// <summary>OUT to an I/O port.</summary>
    void WritePort(ushort port, int size, uint value);

    /// <summary>Reads memory-mapped registers; unclaimed addresses read as all ones and are counted.</summary>
    ulong ReadMmio(ulong physical, int size);

    /// <summary>Writes memory-mapped registers.</summary>
    void WriteMmio(ulong physical, int size, ulong value);
}
