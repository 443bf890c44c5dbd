namespace Otherworld.Guest.Campaigns;

/// <summary>What was seen of an application from outside.</summary>
public enum AppState
{
    /// <summary>It works, and everything it had acknowledged is there.</summary>
    Correct,

    /// <summary>It works with all its data, but lost something that it was in the middle of.</summary>
    Degraded,

    /// <summary>It does not answer.</summary>
    Silent,

    /// <summary>It answers, and its data is not what it must be.</summary>
    WrongData,
}
