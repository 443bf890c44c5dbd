using Otherworld.Guest.Consoles;

namespace System.Tests.Resurrection;

/// <summary>Crash procedures: when they are called, what they are told, and what becomes of their answer (docs/crash-procedures.md).</summary>
[TestFixture]
public sealed class ProcedureTests
{
    /// <summary>In one death: the scenario, the name its process takes, what it says of itself, and what the kernel says of its procedure after <c>called</c>.</summary>
    private static readonly (string Scenario, string Comm, string Verdict, string[] Outcomes, string Losses)[] Alone =
    [
        ("procedure-goes-on", "p-goes-on", "ok", ["called", "continued"], "0x0"),
        ("procedure-sleeps-on", "p-sleeps-on", "ok", ["called", "continued"], "0x0"),
        ("procedure-is-told", "p-is-told", "ok", ["called", "continued"], "0xc"),
        ("procedure-loses-file", "p-file", "ok", ["called", "continued"], "0x1"),
        ("procedure-loses-socket", "p-socket", "ok", ["called", "continued"], "0x2"),
        ("procedure-loses-mapping", "p-mapping", "ok", ["called", "continued"], "0x10"),
        ("procedure-loses-call", "p-call", "ok", ["called", "continued"], "0x20"),
        ("procedure-if-lost", "p-if-lost", "ok", ["not-needed"], "0x0"),
        ("procedure-restarts", "p-restarts", "none", ["called", "restarted"], "0x0"),
        ("procedure-times-out", "p-times-out", "ended 9", ["called", "timeout"], "0x0"),
        ("procedure-holds-threads", "p-holds", "ok", ["called", "continued"], "0x0"),
        ("procedure-lets-threads-run", "p-lets-run", "ok", ["called", "continued"], "0x0"),
        ("procedure-own-stack", "p-own-stack", "ok", ["called", "continued"], "0x0"),
        ("procedure-checked", "p-checked", "ok", [], "0x0"),
    ];

    private static IEnumerable<TestCaseData> Cases => Alone.Select(one => new TestCaseData(one.Scenario));

    private WitnessGuest _guest = null!;

    /// <summary>All of them, in one death.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait([.. Alone.Select(one => one.Scenario)]);
        _guest.Pass(50_000_000);
        _guest.RunToKernelMode();
        _guest.Kill();
        _guest.WaitForGate();
        foreach ((string scenario, _, string verdict, _, _) in Alone)
        {
            if (verdict != "none")
                _guest.WaitForVerdict(scenario);
        }

        _guest.WaitForVerdict("procedure-restarted");
    }

    [TestCaseSource(nameof(Cases))]
    public void Is_called_and_obeyed(string scenario)
    {
        (_, string comm, string verdict, string[] outcomes, string losses) = Alone.Single(one => one.Scenario == scenario);
        Assert.That(_guest.Verdict(scenario) ?? "none", Is.EqualTo(verdict), _guest.Tail());
        GuestMark[] marks = [.. _guest.Marks.Where(mark => mark.Name == "procedure" && mark.Values["comm"] == comm)];
        Assert.That(marks.Select(mark => mark.Values["outcome"]), Is.EqualTo(outcomes), _guest.Tail());
        Assert.That(marks.Select(mark => mark.Values["losses"]), Is.All.EqualTo(losses), _guest.Tail());
    }

    /// <summary>The same number, arguments, environment and directory, and nothing else that was the old program's.</summary>
    [Test]
    public void A_restarted_program_begins_anew() => Assert.That(_guest.Verdict("procedure-restarted"), Is.EqualTo("ok"), _guest.Tail());

    [Test]
    public void Every_process_came_back() => Assert.That(_guest.Marks.Where(mark => mark.Name is "not-resurrected" or "degraded"), Is.Empty, _guest.Tail());
}
