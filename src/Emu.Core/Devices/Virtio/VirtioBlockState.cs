using System.Runtime.CompilerServices;

namespace Emu.Core.Devices.Virtio;

/// <summary>Requests of a block device that were taken and are not done: a ring, in order of their due ticks.</summary>
public struct VirtioBlockState
{
    public uint InFlightFirst;
    public uint InFlightCount;
    public HeadRing Heads;
    public DueRing Due;

    /// <summary>Heads of the chains.</summary>
    [InlineArray(VirtQueue.MaxSize)]
    public struct HeadRing
    {
        private ushort _element;
    }

    /// <summary>Ticks at which the requests are carried out.</summary>
    [InlineArray(VirtQueue.MaxSize)]
    public struct DueRing
    {
        private ulong _element;
    }
}
