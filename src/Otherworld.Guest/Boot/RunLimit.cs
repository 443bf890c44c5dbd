namespace Otherworld.Guest.Boot;

/// <summary>When a run ends at the latest, counted from where it begins.</summary>
/// <param name="Value">Instructions, or nanoseconds of guest time.</param>
/// <param name="IsTime">Which of the two.</param>
public readonly record struct RunLimit(ulong Value, bool IsTime);
