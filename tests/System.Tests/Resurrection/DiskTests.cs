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
        DieAndLook(guest, scenario);
        Assert.That(guest.Marks.Where(mark => mark.Name == "fsck"), Is.Empty, "no change was under way, so nothing needed a check");
    }

    /// <summary>The checker frees what has no name. What may be open in a process has one while it looks, in lost+found, and none afterwards.</summary>
    [Test]
    public void Files_without_a_name_outlive_a_check()
    {
        const string scenario = "disk-unlinked-in-a-change";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("ext4_delete_entry");
        DieAndLook(guest, scenario);
        Assert.That(guest.Marks.Count(mark => mark.Name == "fsck"), Is.EqualTo(1), guest.Tail());
        Assert.That(guest.Ask("ls -A /data/lost+found | wc -l"), Does.Contain("0"), "nothing is left in lost+found");
    }

    /// <summary>Committed, not at home yet, and about to be changed again: for some instructions such a block bears no mark of being dirty, and the journal is emptied.</summary>
    [TestCase("jbd2_journal_grab_journal_head")]
    [TestCase("__jbd2_journal_temp_unlink_buffer")]
    public void A_block_is_not_lost_between_two_lists_of_the_journal(string place)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("dd if=/etc/otherworld.conf of=/data/kept conv=fsync");
        guest.Type("chmod 600 /data/kept\n");
        guest.RunTo("ext4_setattr");
        guest.RunTo("__jbd2_journal_file_buffer");
        guest.RunTo(place);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("cmp /etc/otherworld.conf /data/kept && stat -c %a /data/kept"), Does.Contain("600"), guest.Tail());
    }

    private static void DieAndLook(WitnessGuest guest, string scenario)
    {
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        guest.WaitForEnd();
        string check = guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?");
        Assert.That(check, Does.Contain("status 0"), check);
    }
}
