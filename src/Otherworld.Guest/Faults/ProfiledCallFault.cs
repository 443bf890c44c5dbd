namespace Otherworld.Guest.Faults;

/// <summary>A mistake in a call of any function: without a site, one of those that the workload runs.</summary>
internal abstract class ProfiledCallFault : CallFault
{
    private const int Candidates = 8;

    /// <inheritdoc/>
    public override string Source => FaultSources.Palix;

    /// <summary>Any.</summary>
    protected override IReadOnlyList<string> Functions => [];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Choose(FaultPlacement placement)
    {
        IReadOnlyList<KernelFunction> functions = placement.Profile is { } profile ? Among(profile) : placement.Text.Functions;
        return [.. Enumerable.Range(0, Candidates).Select(_ => placement.OneOf(functions).Name)];
    }

    /// <summary>Which functions of the workload fit.</summary>
    protected virtual IReadOnlyList<KernelFunction> Among(KernelProfile profile) => profile.Functions;

    /// <summary>Whether the machine stands at the beginning of a call, and not where a jump leads.</summary>
    protected static bool IsCall(KernelCall call, FaultPlacement placement) => placement.Text.IsBehindCall(call.ReturnTo);
}
