namespace Otherworld.Guest.Tracing;

/// <summary>A task as people know it.</summary>
/// <param name="Pid">Its own number: of the thread. 0 for the idle task.</param>
/// <param name="Tgid">The number of its process.</param>
/// <param name="Comm">Command name.</param>
public readonly record struct TaskName(int Pid, int Tgid, string Comm)
{
    /// <summary>The idle task, which also is what a kernel starts as.</summary>
    public static TaskName Idle => new(0, 0, "swapper");

    /// <summary>As <c>counter-231</c>.</summary>
    public override string ToString() => $"{Comm}-{Pid}";
}
