namespace Otherworld.Guest.Faults.Classes;

/// <summary>Memory is never freed.</summary>
internal sealed class Leak : CallFault
{
    /// <inheritdoc/>
    public override string Name => "leak";

    /// <inheritdoc/>
    public override string Summary => "skip a free";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
        ["kfree", "kmem_cache_free", "vfree", "__free_pages"];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        call.Skip(0);
        return true;
    }
}
