namespace Otherworld.Guest.Dumps;

/// <summary>Which kernel of a snapshot a dump is of.</summary>
public enum KernelChoice
{
    /// <summary>The one that ran last; at a panic, before the jump, the one that dies.</summary>
    Live,

    /// <summary>The one that died before.</summary>
    Dead,
}
