using System.Text;
using Emu.Core.Devices;

namespace Otherworld.Guest.Experiments;

/// <summary>What a serial line or the debug console said, with the means to take back what a rewound machine said.</summary>
public sealed class Transcript : IByteSink
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Bytes so far.</summary>
    public int Length => (int)_bytes.Length;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    /// <summary>The text from a position on; bytes that are no ASCII become '?'.</summary>
    public string From(int position) => Encoding.ASCII.GetString(_bytes.GetBuffer(), position, Length - position);

    /// <summary>Forgets everything behind a position.</summary>
    public void TruncateTo(int position) => _bytes.SetLength(position);

    /// <summary>Everything, for a file.</summary>
    public byte[] ToArray() => _bytes.ToArray();
}
