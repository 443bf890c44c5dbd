namespace Emu.Core.Bus;

/// <summary>Memory-mapped registers: a handful of fixed ranges, and one page that the guest can move.</summary>
/// <remarks>
/// An access wider than the device answers to is split; a read narrower than that takes its bytes out of the register; a write narrower than
/// that has no defined meaning on such devices: it is dropped and counted as unclaimed.
/// </remarks>
public sealed class MmioBus(UnclaimedAccesses unclaimed)
{
    private const ulong PageSize = 4096;
    private readonly UnclaimedAccesses _unclaimed = unclaimed;
    private readonly List<Range> _ranges = [];
    private readonly List<IMovableMmio> _movable = [];

    /// <summary>Claims <paramref name="length"/> bytes at a physical address; called while the machine is composed.</summary>
    public void Register(ulong physical, ulong length, AccessWidths widths, IMmioHandler handler)
    {
        foreach (Range range in _ranges)
            Check.That(physical + length <= range.Start || range.Start + range.Length <= physical, "an MMIO address is claimed twice");
        _ranges.Add(new Range(physical, length, widths, handler));
    }

    /// <summary>Adds a page of 32-bit registers whose address the device itself tells; it hides whatever lies beneath.</summary>
    public void RegisterMovable(IMovableMmio handler) => _movable.Add(handler);

    /// <inheritdoc cref="IBus.ReadMmio"/>
    public ulong Read(ulong physical, int size)
    {
        if (!TryFind(physical, out Range range))
        {
            _unclaimed.Count(AccessKind.MmioRead, physical);
            return Mask(size);
        }

        ulong offset = physical - range.Start;
        if ((range.Widths & (AccessWidths)size) != AccessWidths.None && Fits(offset, size, range))
            return range.Handler.ReadMmio(offset, size) & Mask(size);
        if (size > 1 && (Narrower(range.Widths, size) || !Fits(offset, size, range)))
            return Read(physical, size / 2) | Read(physical + (ulong)(size / 2), size / 2) << (size * 4);

        int width = Narrowest(range.Widths);
        ulong start = offset & ~(ulong)(width - 1);
        return Fits(start, width, range) && offset + (ulong)size <= start + (ulong)width
            ? (range.Handler.ReadMmio(start, width) >> ((int)(offset - start) * 8)) & Mask(size)
            : Mask(size);
    }

    /// <inheritdoc cref="IBus.WriteMmio"/>
    public void Write(ulong physical, int size, ulong value)
    {
        if (!TryFind(physical, out Range range))
        {
            _unclaimed.Count(AccessKind.MmioWrite, physical);
            return;
        }

        ulong offset = physical - range.Start;
        if ((range.Widths & (AccessWidths)size) != AccessWidths.None && Fits(offset, size, range))
        {
            range.Handler.WriteMmio(offset, size, value & Mask(size));
        }
        else if (size > 1 && (Narrower(range.Widths, size) || !Fits(offset, size, range)))
        {
            Write(physical, size / 2, value & Mask(size / 2));
            Write(physical + (ulong)(size / 2), size / 2, (value >> (size * 4)) & Mask(size / 2));
        }
        else
        {
            _unclaimed.Count(AccessKind.MmioWrite, physical);
        }
    }

    private static ulong Mask(int size) => ulong.MaxValue >> (64 - size * 8);

    private static bool Fits(ulong offset, int size, in Range range) => offset + (ulong)size <= range.Length;

    private static bool Narrower(AccessWidths widths, int size) => ((int)widths & (size - 1)) != 0;

    private static int Narrowest(AccessWidths widths) => (int)widths & -(int)widths;

    private bool TryFind(ulong physical, out Range range)
    {
        for (int i = 0; i < _movable.Count; i++)
        {
            ulong start = _movable[i].MmioBase;
            if (start != ulong.MaxValue && physical - start < PageSize)
            {
                range = new Range(start, PageSize, AccessWidths.Dword, _movable[i]);
                return true;
            }
        }

        for (int i = 0; i < _ranges.Count; i++)
        {
            range = _ranges[i];
            if (physical - range.Start < range.Length)
                return true;
        }

        range = default;
        return false;
    }

    private readonly record struct Range(ulong Start, ulong Length, AccessWidths Widths, IMmioHandler Handler);
}
