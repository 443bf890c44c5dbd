namespace Emu.Core.Bus;

/// <summary>The I/O space: 65536 ports, each claimed by at most one device. Wider accesses are split, as an 8-bit ISA device sees them.</summary>
public sealed class PortBus(UnclaimedAccesses unclaimed)
{
    private const int PortCount = 0x1_0000;
    private readonly UnclaimedAccesses _unclaimed = unclaimed;
    private readonly byte[] _map = new byte[PortCount];
    private readonly List<Range> _ranges = [default];

    /// <summary>Claims <paramref name="count"/> ports from <paramref name="first"/>; called while the machine is composed.</summary>
    public void Register(ushort first, int count, AccessWidths widths, IPortHandler handler)
    {
        Check.That(_ranges.Count <= byte.MaxValue && first + count <= PortCount);
        foreach (ref byte owner in _map.AsSpan(first, count))
        {
            Check.That(owner == 0, "a port is claimed twice");
            owner = (byte)_ranges.Count;
        }

        _ranges.Add(new Range(handler, widths));
    }

    /// <inheritdoc cref="IBus.ReadPort"/>
    public uint Read(ushort port, int size)
    {
        int owner = Owner(port, size);
        Range range = _ranges[owner];
        if (owner != 0 && (range.Widths & (AccessWidths)size) != AccessWidths.None)
            return range.Handler.ReadPort(port, size) & Mask(size);
        if (size > 1 && !IsFree(port, size))
            return Read(port, size / 2) | Read((ushort)(port + size / 2), size / 2) << (size * 4);

        _unclaimed.Count(AccessKind.PortRead, port);
        return Mask(size);
    }

    /// <inheritdoc cref="IBus.WritePort"/>
    public void Write(ushort port, int size, uint value)
    {
        int owner = Owner(port, size);
        Range range = _ranges[owner];
        if (owner != 0 && (range.Widths & (AccessWidths)size) != AccessWidths.None)
        {
            range.Handler.WritePort(port, size, value & Mask(size));
        }
        else if (size > 1 && !IsFree(port, size))
        {
            Write(port, size / 2, value & Mask(size / 2));
            Write((ushort)(port + size / 2), size / 2, value >> (size * 4));
        }
        else
        {
            _unclaimed.Count(AccessKind.PortWrite, port);
        }
    }

    private static uint Mask(int size) => uint.MaxValue >> (32 - size * 8);

    private int Owner(ushort port, int size)
    {
        int owner = _map[port];
        return _map[(ushort)(port + size - 1)] == owner ? owner : 0;
    }

    private bool IsFree(ushort port, int size)
    {
        for (int i = 0; i < size; i++)
        {
            if (_map[(ushort)(port + i)] != 0)
                return false;
        }

        return true;
    }

    private readonly record struct Range(IPortHandler Handler, AccessWidths Widths);
}
