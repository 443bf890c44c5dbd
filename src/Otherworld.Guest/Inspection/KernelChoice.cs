namespace Otherworld.Guest.Inspection;

/// <summary>Which kernel of a machine is looked at.</summary>
public enum KernelChoice
{
    /// <summary>The one that ran last; at a panic, before the jump, the one that dies.</summary>
    Live,

    /// <summary>The one that died before.</summary>
    Dead,
}
