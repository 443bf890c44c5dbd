namespace Emu.Core.Devices.Virtio;

/// <summary>State of a virtio device: the transport's and its own.</summary>
public struct VirtioState<TFunction>
    where TFunction : unmanaged
{
    public TransportState Transport;
    public TFunction Function;
}
