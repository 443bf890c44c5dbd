namespace Otherworld.Guest.Faults.Classes;

/// <summary>A copy is longer than what it copies, by the distribution of Rio: 1 byte in 50 % of cases, up to 1,022 in 44 %, up to 3,072 in 6 %.</summary>
internal sealed class CopyOverrun : CallFault
{
    private const int Length = 2; // the third parameter of all of them

    /// <inheritdoc/>
    public override string Name => "copy";

    /// <inheritdoc/>
    public override string Summary => "copy 1 byte too many, or up to 3072";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
    [
        "memcpy", "memmove", "_copy_to_user", "_copy_from_user", "copy_user_generic_unrolled", "copy_user_generic_string", "copy_user_enhanced_fast_string",
    ];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        ulong overrun = placement.Below(100) switch
        {
            < 50 => 1,
            < 94 => 2 + placement.Below(1021),
            _ => 1024 + placement.Below(2049),
        };
        call.SetParameter(Length, call.Parameter(Length) + overrun);
        return true;
    }
}
