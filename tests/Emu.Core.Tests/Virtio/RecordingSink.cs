using System.Text;
using Emu.Core.Devices;

namespace Emu.Core.Tests.Virtio;

/// <summary>Collects what a device sends out.</summary>
internal sealed class RecordingSink : IByteSink
{
    private readonly List<byte> _bytes = [];

    public string Text => Encoding.ASCII.GetString(_bytes.ToArray());

    public void Write(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);
}
