using Emu.Core.Devices;

namespace Otherworld.Guest.Exploring;

/// <summary>What a serial line said in a run, and when: so that a console can be shown as it was at any instruction.</summary>
/// <param name="now">The instruction count at which the guest writes.</param>
public sealed class ConsoleTrack(Func<ulong> now) : IByteSink
{
    /// <summary>Writes that are no farther apart, in instructions, have one stamp.</summary>
    private const ulong Grain = 4096;

    private readonly Func<ulong> _now = now;
    private readonly List<byte> _bytes = [];
    private readonly List<ConsoleStamp> _stamps = [];

    /// <summary>Everything it said.</summary>
    public ReadOnlySpan<byte> Bytes => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes);

    /// <summary>How much was said when, in the order of the run.</summary>
    public IReadOnlyList<ConsoleStamp> Stamps => _stamps;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        ulong icount = _now();
        if (_stamps.Count > 0 && icount - _stamps[^1].Icount < Grain)
            _stamps[^1] = _stamps[^1] with { Length = _bytes.Count };
        else
            _stamps.Add(new ConsoleStamp(icount, _bytes.Count));
    }
}
