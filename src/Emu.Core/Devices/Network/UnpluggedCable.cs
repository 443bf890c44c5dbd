namespace Emu.Core.Devices.Network;

/// <summary>A cable that leads nowhere: what is sent into it is gone.</summary>
public sealed class UnpluggedCable : IFrameSink
{
    private UnpluggedCable()
    {
    }

    /// <summary>The one there is.</summary>
    public static UnpluggedCable Instance { get; } = new();

    /// <inheritdoc/>
    public void Send(ulong tick, ReadOnlySpan<byte> frame)
    {
    }
}
