namespace Otherworld.Guest.Labs;

/// <summary>What the grader says of an answer.</summary>
/// <param name="Key">Of the question.</param>
/// <param name="Given">The answer; null when there is none.</param>
/// <param name="IsRight">It is what the machine says.</param>
public sealed record LabMark(string Key, string? Given, bool IsRight);
