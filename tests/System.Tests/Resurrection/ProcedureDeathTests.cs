using Otherworld.Guest.Consoles;

namespace System.Tests.Resurrection;

/// <summary>Crash procedures over several deaths, and over the execution of another program.</summary>
[TestFixture]
public sealed class ProcedureDeathTests
{
    /// <summary>Guest nanoseconds in which a procedure has begun after the gate.</summary>
    private const ulong Begun = 20_000_000;

    /// <summary>Each death finds it registered.</summary>
    [Test]
    public void Is_called_after_each_of_two_deaths()
    {
        const string scenario = "procedure-again";
        WitnessGuest guest = DieTwice(scenario);
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>A second death while it runs: it goes on where it was, the other threads still wait, and its return leads to where the first death had interrupted.</summary>
    [Test]
    public void Goes_on_after_a_death_inside()
    {
        const string scenario = "procedure-inside";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(30_000_000);
        Die(guest);
        guest.Pass(Begun);
        Die(guest);
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        Assert.That(Procedures(guest).Select(mark => mark.Values["outcome"]), Is.EqualTo(new[] { "continues", "continued" }), guest.Tail());
    }

    /// <summary>The second death costs a socket that the procedure had opened: it asks, and is told.</summary>
    [Test]
    public void Learns_what_a_death_inside_has_cost()
    {
        const string scenario = "procedure-told-later";
        WitnessGuest guest = DieTwice(scenario);
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        Assert.That(Procedures(guest).Select(mark => mark.Values["losses"]), Is.All.EqualTo("0x2"), guest.Tail());
    }

    /// <summary>Another program has the number of the process, but not its procedure.</summary>
    [Test]
    public void Is_forgotten_by_a_program_that_executes_another()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start(["procedure-executes"]);
        guest.WaitToSay("= procedure-executed ready");
        Die(guest);
        Assert.That(guest.WaitForVerdict("procedure-executed"), Is.EqualTo("ok"), guest.Tail());
        Assert.That(Procedures(guest), Is.Empty, guest.Tail());
    }

    /// <summary>The second death comes when the procedure has begun.</summary>
    private static WitnessGuest DieTwice(string scenario)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        Die(guest);
        guest.Pass(Begun);
        Die(guest);
        return guest;
    }

    private static void Die(WitnessGuest guest)
    {
        guest.RunToKernelMode();
        guest.Kill();
        guest.WaitForGate();
    }

    private static GuestMark[] Procedures(WitnessGuest guest) => [.. guest.Marks.Where(mark => mark.Name == "procedure")];
}
