using System.Buffers;
using System.Text;
using Emu.Core.Devices;

namespace Emu.Core.Host;

/// <summary>Keeps everything that was written, and passes it on if there is somebody to pass it to.</summary>
/// <param name="next">Where the bytes go too, or null.</param>
public sealed class BufferSink(IByteSink? next = null) : IByteSink
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);

    /// <summary>Everything so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Everything so far as text.</summary>
    public string Text => Encoding.UTF8.GetString(_bytes.WrittenSpan);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        next?.Write(bytes);
    }
}
