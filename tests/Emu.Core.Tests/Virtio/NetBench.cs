using Emu.Core.Devices.Network;
using Emu.Core.Devices.Virtio;
using Emu.Core.Memory;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Tests.Virtio;

/// <summary>A network card with a driver, an interrupt line and a cable that keeps everything.</summary>
internal sealed class NetBench : IDisposable
{
    public const int Receive = 0;
    public const int Transmit = 1;
    public const ulong FeatureMergeBuffers = 1 << 15;
    public const int HeaderLength = 12;

    public NetBench(ulong features = 0)
    {
        Card = new VirtioNet("net0", Memory, Line, MacAddress.Parse("02:a0:b1:c2:d3:e4"), Clock, Cable);
        Driver = new TestDriver<VirtioNet.State>(Card, Memory, features);
    }

    public GuestMemory Memory { get; } = new(2 << 20);

    public RecordingLine Line { get; } = new();

    public RecordingCable Cable { get; } = new();

    public MachineClock Clock { get; } = new();

    public VirtioNet Card { get; }

    public TestDriver<VirtioNet.State> Driver { get; }

    public static byte[] Frame(int length, ulong seed = 1)
    {
        byte[] frame = new byte[length];
        new Prng(seed).Fill(frame);
        return frame;
    }

    public byte[] Read(ulong address, int length)
    {
        byte[] bytes = new byte[length];
        Memory.Read(address, bytes);
        return bytes;
    }

    public void Dispose() => Memory.Dispose();
}
