namespace Emu.Core.Devices.Network;

/// <summary>Takes the Ethernet frames that a network card sends.</summary>
public interface IFrameSink
{
    /// <summary>A frame leaves the card.</summary>
    /// <param name="tick">When.</param>
    /// <param name="frame">From the destination address to the last byte of the payload, without preamble and check sequence; valid during the call.</param>
    void Send(ulong tick, ReadOnlySpan<byte> frame);
}
