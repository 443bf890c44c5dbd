using Otherworld.Guest.Consoles;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Campaigns;

/// <summary>What a look at an application from outside told.</summary>
/// <param name="State">How it is.</param>
/// <param name="Reason">What is wrong or missing, for a person; empty when nothing is.</param>
/// <param name="Lost">Results it had acknowledged that are not there any more.</param>
/// <param name="Answered">When it first answered; null if it did not, or was not asked.</param>
/// <param name="Observation">What its observer found; null where none observes.</param>
public sealed record AppCheck(AppState State, string Reason, int Lost, Moment? Answered, Observation? Observation = null)
{
    /// <summary>All is well.</summary>
    public static AppCheck Well(Moment? answered) => new(AppState.Correct, "", 0, answered);
}
