using Otherworld.Guest.Consoles;

namespace System.Tests.Resurrection;

/// <summary>
/// A kernel dies while it replaces an entry of a page table: it empties the entry before it fills it again, and in between only the page itself tells where it
/// belongs. The process has all its memory afterwards; it never finds zeroes where it had written.
/// </summary>
[TestFixture]
public sealed class PageTests
{
    private const string Scenario = "call-setuid"; // forks, so that pages are copied when they are written to

    /// <param name="copies">Pages copied before: by the shell that forked, by its child, by the scenario's own child.</param>
    [Test]
    public void A_page_is_not_lost_while_it_is_copied([Values(0, 3, 8)] int copies)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([Scenario]);
        for (int copy = 0; copy <= copies; copy++)
        {
            guest.RunTo("ptep_clear_flush");
            guest.ReturnTo("wp_page_copy");
        }

        foreach (ulong instructions in (ulong[])[0, 1, 60])
            Assert.That(DieBehind(guest, instructions), Is.EqualTo("ok 0"), $"{instructions} instructions behind the emptying of the entry: {guest.Tail()}");
        guest.ReturnTo("__handle_mm_fault");
        Assert.That(DieBehind(guest, 0), Is.EqualTo("ok 0"), $"the entry is filled again: {guest.Tail()}");
    }

    /// <summary>Dies so many instructions on, and goes back to where it stands.</summary>
    /// <returns>The reason why a process is not back; where all are, what the scenario said.</returns>
    private static string? DieBehind(WitnessGuest guest, ulong instructions)
    {
        GuestMoment here = guest.Now();
        guest.RunInstructions(instructions);
        guest.Kill();
        guest.WaitForGate();
        guest.WaitForVerdict(Scenario);
        string[] reasons = [.. guest.Marks.Where(mark => mark.Name == "not-resurrected").Select(mark => mark.Values["reason"]).Where(reason => reason != "exited")];
        string? outcome = reasons.Length == 0 ? guest.Verdict(Scenario) : string.Join(' ', reasons);
        guest.GoBackTo(here);
        return outcome;
    }
}
