namespace Emu.Core.Bus;

/// <summary>Memory-mapped registers. Called only with the widths declared at registration, never across the end of the range.</summary>
public interface IMmioHandler
{
    /// <summary>Reads at <paramref name="offset"/> from the start of the range. Bits above <paramref name="size"/> are ignored by the bus.</summary>
    ulong ReadMmio(ulong offset, int size);

    /// <summary>Writes at <paramref name="offset"/> from the start of the range. Bits above <paramref name="size"/> are zero.</summary>
    void WriteMmio(ulong offset, int size, ulong value);
}
