namespace Otherworld.Guest.Faults.Classes;

/// <summary>An allocation is too small for what is put there: written is beyond its end.</summary>
internal sealed class SmallAllocation : CallFault
{
    /// <inheritdoc/>
    public override string Name => "size";

    /// <inheritdoc/>
    public override string Summary => "let an allocation be at most half as large";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
        ["__kmalloc", "__kmalloc_node", "__kmalloc_node_track_caller", "kvmalloc_node"];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        ulong size = call.Parameter(0);
        if (size < 2)
            return false;
        call.SetParameter(0, 1 + placement.Below(size / 2));
        return true;
    }
}
