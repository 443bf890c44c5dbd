namespace Otherworld.Guest.Tracing;

/// <summary>A task that a trace has met.</summary>
/// <param name="address">Of its <c>task_struct</c>.</param>
internal sealed class TracedTask(ulong address)
{
    /// <summary>Of its <c>task_struct</c>.</summary>
    public ulong Address { get; } = address;

    /// <summary>As it was last known.</summary>
    public TaskName Name { get; set; } = TaskName.Idle;

    /// <summary>What it is in the middle of, the innermost last.</summary>
    public List<OpenSlice> Open { get; } = [];
}
