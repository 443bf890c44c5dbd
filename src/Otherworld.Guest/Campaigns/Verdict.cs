namespace Otherworld.Guest.Campaigns;

/// <summary>How an experiment ended. The names, with hyphens, are the words of all results (docs/campaigns.md).</summary>
public enum Verdict
{
    /// <summary>What was changed was never executed or read.</summary>
    NotActivated,

    /// <summary>The kernel lived on, and the application is as it must be.</summary>
    NoFailure,

    /// <summary>The kernel lived on, but the application does not work or has wrong data: nothing that a microreboot could have helped.</summary>
    Unnoticed,

    /// <summary>The kernel died, and the crash kernel did not come as far as letting processes run.</summary>
    NoCrashKernel,

    /// <summary>A process of the application did not come back, or does not answer.</summary>
    NotResurrected,

    /// <summary>The application works, and something it had acknowledged is gone or was changed.</summary>
    WrongData,

    /// <summary>It works with all its data, but lacks something it had, which the kernel reported.</summary>
    Degraded,

    /// <summary>Everything is as it was.</summary>
    Correct,

    /// <summary>The experiment says nothing: it could not be done as planned, or did not agree with its repetition.</summary>
    Invalid,
}
