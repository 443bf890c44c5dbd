namespace Otherworld.Guest.Campaigns;

/// <summary>What verdicts mean for counting.</summary>
public static class Verdicts
{
    /// <summary>The kernel died: these rows make the rates; the others are counted apart.</summary>
    public static bool IsDeath(Verdict verdict) =>
        verdict is Verdict.NoCrashKernel or Verdict.NotResurrected or Verdict.WrongData or Verdict.Degraded or Verdict.Correct;

    /// <summary>Something to look into.</summary>
    public static bool IsFailure(Verdict verdict) =>
        verdict is Verdict.Unnoticed or Verdict.NoCrashKernel or Verdict.NotResurrected or Verdict.WrongData or Verdict.Invalid;
}
