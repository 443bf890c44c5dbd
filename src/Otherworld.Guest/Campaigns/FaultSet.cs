namespace Otherworld.Guest.Campaigns;

/// <summary>Which faults a plan draws.</summary>
public enum FaultSet
{
    /// <summary>A panic at every k-th kernel instruction while the application is inside a system call.</summary>
    Sweep,

    /// <summary>The ways to die of the demo, evenly, at any kernel instruction.</summary>
    Panics,
}
