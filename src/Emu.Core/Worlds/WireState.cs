using Emu.Core.State;

namespace Emu.Core.Worlds;

/// <summary>State of a <see cref="Wire"/> apart from the frames on it.</summary>
public struct WireState
{
    /// <summary>Draws the losses.</summary>
    public Prng Losses;

    /// <summary>Frames that went, or are going, all the way.</summary>
    public ulong Carried;

    /// <summary>Frames lost by chance.</summary>
    public ulong Lost;

    /// <summary>Frames lost because too much was under way.</summary>
    public ulong Overrun;
}
