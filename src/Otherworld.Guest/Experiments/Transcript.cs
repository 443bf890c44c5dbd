using System.Text;
using Emu.Core.Devices;

namespace Otherworld.Guest.Experiments;

/// <summary>What a serial line or the debug console said, with the means to take back what a rewound machine said.</summary>
public sealed class Transcript : IByteSink
{
    private byte[] _bytes = new byte[1 << 16];

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>The text from a position on; bytes that are no ASCII become '?'.</summary>
    public string From(int position) => Encoding.ASCII.GetString(_bytes, position, Length - position);

    /// <summary>Forgets everything behind a position.</summary>
    public void TruncateTo(int position) => Length = position;

    /// <summary>Everything, for a file.</summary>
    public byte[] ToArray() => _bytes[..Length];
}
