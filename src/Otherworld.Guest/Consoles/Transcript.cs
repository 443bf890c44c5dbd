using System.Text;
using Emu.Core.Devices;

namespace Otherworld.Guest.Consoles;

/// <summary>
/// What a serial line or the debug console said and at which instruction, with the means to take back what a rewound machine said.
/// </summary>
public sealed class Transcript : IByteSink
{
    private readonly Action _said;
    private readonly List<(int Length, Moment Moment)> _stamps = [];
    private byte[] _bytes = new byte[1 << 16];

    /// <param name="said">Called after every write, while the guest's instruction still runs: who wants to know when, stops the machine and calls <see cref="Stamp"/>.</param>
    public Transcript(Action said) => _said = said;

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
        _said();
    }

    /// <summary>What was said since the last stamp was said now.</summary>
    public void Stamp(Moment now)
    {
        if (_stamps.Count == 0 || _stamps[^1].Length < Length)
            _stamps.Add((Length, now));
    }

    /// <summary>When a text behind a position was complete.</summary>
    /// <returns>Null when it is not there.</returns>
    public Moment? Find(int from, string text)
    {
        int at = _bytes.AsSpan(from, Length - from).IndexOf(Encoding.ASCII.GetBytes(text));
        if (at < 0)
            return null;
        return MomentOf(from + at + text.Length);
    }

    /// <summary>When so many bytes had been said.</summary>
    public Moment MomentOf(int length)
    {
        int stamp = _stamps.BinarySearch((length, default), Comparer<(int Length, Moment)>.Create((one, other) => one.Length.CompareTo(other.Length)));
        return _stamps[stamp < 0 ? ~stamp : stamp].Moment;
    }

    /// <summary>The text from a position on; bytes that are no ASCII become '?'.</summary>
    public string From(int position) => Encoding.ASCII.GetString(_bytes, position, Length - position);

    /// <summary>Forgets everything behind a position.</summary>
    public void TruncateTo(int position)
    {
        Length = position;
        _stamps.RemoveAll(stamp => stamp.Length > position);
    }

    /// <summary>Becomes what another one was.</summary>
    /// <param name="bytes">Everything that was said.</param>
    /// <param name="now">When it counts as said.</param>
    public void Replace(byte[] bytes, Moment now)
    {
        TruncateTo(0);
        if (bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, bytes.Length);
        bytes.CopyTo(_bytes, 0);
        Length = bytes.Length;
        Stamp(now);
    }

    /// <summary>Everything, for a file.</summary>
    public byte[] ToArray() => _bytes[..Length];
}
