using Otherworld.Guest.Consoles;

namespace System.Tests.Resurrection;

/// <summary>Processes that hold what cannot be brought back are reported with the reason, and nobody else suffers.</summary>
[TestFixture]
public sealed class RefusalTests
{
    private static readonly (string Scenario, string Comm, string Reason)[] Refused =
    [
        ("with-thread", "r-thread", "unshared-thread"),
        ("with-socket", "r-socket", "socket"),
        ("with-tracer", "r-traced", "traced"),
        ("with-listener", "r-seccomp", "seccomp"),
        ("with-namespace", "r-namespace", "namespaces"),
        ("with-process", "r-pidfd", "anonymous-file"),
        ("with-disk", "r-disk", "device"),
        ("with-vfork", "r-vfork", "shared-mm"),
        ("with-shared-files", "r-files", "shared-files"),
    ];

    private static readonly string[] Bystanders = ["heap", "offsets", "handlers", "zombies", "pipe-left-by-writer", "pipe-left-by-reader", "unix-left", "tcp-left", "pty-left"];

    private WitnessGuest _guest = null!;

    private static IEnumerable<TestCaseData> Cases => Refused.Select(refused => new TestCaseData(refused.Comm, refused.Reason));

    /// <summary>All of them, and some without fault, in one death.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait([.. Refused.Select(refused => refused.Scenario), .. Bystanders]);
        _guest.Pass(50_000_000);
        _guest.RunToKernelMode();
        _guest.Kill();
        _guest.WaitForGate();
        foreach (string scenario in Bystanders)
            _guest.WaitForVerdict(scenario);
        _guest.Pass(200_000_000);
    }

    [TestCaseSource(nameof(Cases))]
    public void Is_not_resurrected(string comm, string reason)
    {
        GuestMark[] marks = [.. _guest.Marks.Where(mark => mark.Values.GetValueOrDefault("comm") == comm)];
        Assert.That(marks.Select(mark => mark.Name), Is.EqualTo(new[] { "not-resurrected" }), _guest.Tail());
        Assert.That(marks[0].Values["reason"], Is.EqualTo(reason));
    }

    [TestCaseSource(nameof(Bystanders))]
    public void Does_not_suffer(string scenario) => Assert.That(_guest.Verdict(scenario), Is.EqualTo("ok"), _guest.Tail());
}
