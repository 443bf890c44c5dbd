namespace Emu.X86.Translator;

/// <summary>What must still be done to the host's flags to make them the guest's: where a result is undefined, processors differ and docs/undefined.md decides.</summary>
internal enum FlagDebt
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>After a shift: AF is 0.</summary>
    ClearAf,

    /// <summary>After a shift by CL: AF is 0 if the count was not.</summary>
    ClearAfIfShifted,

    /// <summary>After a multiplication: ZF, SF, PF are those of <see cref="HostExchange.Product"/> and AF is 0.</summary>
    Product,
}
