namespace Emu.Core.Worlds;

/// <summary>Looks at what is sent over the links of a world. It changes nothing.</summary>
public interface IFrameObserver
{
    /// <summary>A frame was sent. Frames of one machine come in order; those of several are in order from one <see cref="Settled"/> to the next only.</summary>
    void Sent(SentFrame frame);

    /// <summary>All machines have come to a tick: whatever comes from now on was sent then or later.</summary>
    void Settled(ulong tick);
}
