namespace Otherworld.Guest.Labs;

/// <summary>A question of an exercise.</summary>
/// <param name="Key">Its name in the file of answers.</param>
/// <param name="Text">What is asked.</param>
public sealed record LabQuestion(string Key, string Text);
