namespace System.Tests.Resurrection;

/// <summary>Changes of the file system that were acknowledged one millisecond before the death, never synced, outlive it; and the file system is sound.</summary>
[TestFixture]
public sealed class DiskTests
{
    private static readonly string[] Scenarios = ["disk-saved", "disk-names", "disk-sizes", "disk-attributes", "disk-many", "disk-unlinked"];

    [TestCaseSource(nameof(Scenarios))]
    public void Is_on_the_disk(string scenario)
    {
        const ulong millisecond = 1_000_000;
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.Pass(millisecond);
        guest.RunToKernelMode();
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        guest.WaitForEnd();
        string check = guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?");
        Assert.That(check, Does.Contain("status 0"), check);
        Assert.That(guest.Marks.Where(mark => mark.Name == "fsck"), Is.Empty, "no change was under way, so nothing needed a check");
    }
}
