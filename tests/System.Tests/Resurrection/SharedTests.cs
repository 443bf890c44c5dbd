namespace System.Tests.Resurrection;

/// <summary>
/// Memory that processes share, while they use it: the kernel dies in the middle of whatever it does for them, at moments spread over their work. Nothing that one
/// of them had stored is missing for another, and the file system of a disk whose files have lost their names is sound.
/// </summary>
[TestFixture]
public sealed class SharedTests
{
    private static readonly string[] Scenarios = ["shared-busy", "shared-churn", "shared-semaphore", "memory-file-mapped", "posix-shared", "segment"];

    /// <param name="microseconds">Guest time between the last scenario's readiness and the death.</param>
    [Test]
    public void Is_shared_after_a_death_at_any_moment([Values(0, 130, 1_700, 9_100, 20_030, 33_333, 47_011, 61_807)] int microseconds)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait(Scenarios);
        guest.Pass((ulong)microseconds * 1000);
        guest.RunToKernelMode();
        TestContext.Progress.WriteLine($"killed at {guest.Place}");
        guest.Kill();
        guest.WaitForGate();
        guest.WaitForEnd();
        foreach (string scenario in Scenarios)
            Assert.That(guest.Verdict(scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <param name="instructions">Instructions of a call that fills, maps or frees shared memory, before the death in the middle of it.</param>
    [Test]
    public void Is_shared_after_a_death_inside_a_page_fault([Values(0, 40, 150, 400, 900)] int instructions)
    {
        const string scenario = "shared-churn";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.RunTo("shmem_fault");
        guest.RunInstructions((ulong)instructions);
        TestContext.Progress.WriteLine($"killed at {guest.Place}");
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
    }
}
