namespace Otherworld.Guest.Faults.Classes;

/// <summary>What a lock protects is not protected.</summary>
internal sealed class SkippedLock : CallFault
{
    /// <inheritdoc/>
    public override string Name => "lock";

    /// <inheritdoc/>
    public override string Summary => "skip a lock";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Functions { get; } =
        ["mutex_lock", "down_write", "down_read", "mutex_lock_interruptible", "mutex_lock_killable", "down_read_killable", "down_write_killable"];

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        call.Skip(0);
        return true;
    }
}
