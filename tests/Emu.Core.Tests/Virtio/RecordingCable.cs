using Emu.Core.Devices.Network;

namespace Emu.Core.Tests.Virtio;

/// <summary>Keeps what a network card sends.</summary>
internal sealed class RecordingCable : IFrameSink
{
    public List<(ulong Tick, byte[] Frame)> Frames { get; } = [];

    public void Send(ulong tick, ReadOnlySpan<byte> frame) => Frames.Add((tick, frame.ToArray()));
}
