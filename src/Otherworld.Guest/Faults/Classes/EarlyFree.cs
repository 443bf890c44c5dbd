namespace Otherworld.Guest.Faults.Classes;

/// <summary>Memory is freed while it is in use: whoever gets it next shares it.</summary>
internal sealed class EarlyFree : CallFault
{
    private const string Free = "kfree"; // takes what any slab cache has given out

    /// <inheritdoc/>
    public override string Name => "free";

    /// <inheritdoc/>
    public override string Summary => "free an object as soon as it has been allocated";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
        ["kmem_cache_alloc", "kmem_cache_alloc_lru", "kmem_cache_alloc_node", "kmalloc_trace", "kmalloc_node_trace", "__kmalloc", "__kmalloc_node"];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        call.OnReturn(allocated =>
        {
            if (allocated != 0)
                call.CallFirst(placement.Symbols.AddressOf(Free), allocated);
        });
        return true;
    }
}
