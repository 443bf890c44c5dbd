namespace Otherworld.Guest.Faults.Classes;

/// <summary>Memory is not to be had.</summary>
internal sealed class FailedAllocation : CallFault
{
    /// <inheritdoc/>
    public override string Name => "alloc";

    /// <inheritdoc/>
    public override string Summary => "let an allocation return NULL";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
        ["kmem_cache_alloc", "kmem_cache_alloc_lru", "kmem_cache_alloc_node", "kmalloc_trace", "kmalloc_node_trace", "__kmalloc", "__kmalloc_node", "kvmalloc_node", "__alloc_pages", "vmalloc"];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        call.Skip(0);
        return true;
    }
}
