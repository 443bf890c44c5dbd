namespace Otherworld.Guest.Faults;

/// <summary>What became of a guest with a fault.</summary>
public enum FaultOutcome
{
    /// <summary>The changed instruction, data or call took no part in anything within the limit.</summary>
    NotActivated,

    /// <summary>The kernel lived on within the limit.</summary>
    NoFailure,

    /// <summary>The machine stopped without the kernel having come to its way out: triple fault, reset, an endless loop of faults.</summary>
    MachineStopped,

    /// <summary>The kernel died, and no other had its processes running within the limit.</summary>
    NoCrashKernel,

    /// <summary>The kernel died, and another took over.</summary>
    TookOver,
}
