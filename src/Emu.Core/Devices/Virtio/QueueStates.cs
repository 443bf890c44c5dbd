using System.Runtime.CompilerServices;

namespace Emu.Core.Devices.Virtio;

/// <summary>Room for the queues of any of our devices.</summary>
[InlineArray(Capacity)]
public struct QueueStates
{
    /// <summary>Most queues one device has.</summary>
    public const int Capacity = 2;

    private QueueState _element;
}
