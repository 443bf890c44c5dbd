namespace Otherworld.Guest.Faults.Classes;

/// <summary>A lock is held for ever. (With one processor spin locks are nothing; mutexes and semaphores are what there is.)</summary>
internal sealed class SkippedUnlock : CallFault
{
    /// <inheritdoc/>
    public override string Name => "unlock";

    /// <inheritdoc/>
    public override string Summary => "skip an unlock";

    /// <inheritdoc/>
    public override string Source => FaultSources.Palix;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
        ["mutex_unlock", "up_write", "up_read", "up"];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        call.Skip(0);
        return true;
    }
}
