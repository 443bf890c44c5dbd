namespace Emu.Core.Worlds;

/// <summary>State of a <see cref="LinkEnd"/>.</summary>
public struct LinkEndState
{
    /// <summary>The tick at which the last bit of the last frame has left.</summary>
    public ulong FreeAt;

    /// <summary>Frames put onto the wires.</summary>
    public ulong Sent;

    /// <summary>Frames dropped because too many were waiting.</summary>
    public ulong Dropped;
}
