namespace Otherworld.Guest.Debugging;

/// <summary>Why the guest stands still, as the debugger is told.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Watchpoint">The watchpoint that was hit.</param>
public readonly record struct Stop(StopKind Kind, Watchpoint? Watchpoint = null);
