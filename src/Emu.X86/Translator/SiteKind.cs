namespace Emu.X86.Translator;

/// <summary>Why generated code returns to the run loop.</summary>
internal enum SiteKind
{
    /// <summary>The interpreter goes on with the op, which has not begun.</summary>
    Interpret,

    /// <summary>The block was charged, but the budget is low; or its code was retired and it was not charged.</summary>
    Charge,

    /// <summary>The block's last op does not branch; the successor may be linked here.</summary>
    NotTaken,

    /// <summary>The block's last op branches; the successor may be linked here.</summary>
    Taken,

    /// <summary>The same for a conditional branch, whose own displacement is linked too.</summary>
    TakenCondition,

    /// <summary>As <see cref="NotTaken"/>, into another page: never linked.</summary>
    FarNotTaken,

    /// <summary>As <see cref="Taken"/>, into another page: never linked.</summary>
    FarTaken,

    /// <summary>Host code needs the x87 registers and goes on behind the site when it has them; otherwise as <see cref="Interpret"/>.</summary>
    LoadX87,

    /// <summary>The host refused an instruction of ours (see <see cref="HostFaults"/>).</summary>
    HostFault,
}
