using static System.Tests.Resurrection.WitnessGuest;
using static Emu.X86.State.GeneralRegister;

namespace System.Tests.Resurrection;

/// <summary>A kernel that is about to end a process for what it has done, and is wrong in that, dies ahead of it; one that is right lives.</summary>
[TestFixture]
public sealed class LostAreaTests
{
    private const string Write = "echo kept >/data/work/kept && cat /data/work/kept; echo status $?";

    [Test]
    public void A_kernel_that_does_not_find_an_area_dies_before_it_says_so()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Type(Write);
        guest.RunTo("begin_new_exec");
        guest.RunToUserMode();
        guest.RunTo("exc_page_fault");
        guest.RunTo("find_vma");
        guest.RunToReturn();
        guest.SetRegister(Rax, 0);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: an area was not found"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    /// <summary>Of a process that reads and writes where it may not, after a death.</summary>
    [Test]
    public void An_access_that_no_area_allows_may_be_refused()
    {
        const string scenario = "protections";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Kill();
        guest.WaitForGate();
        guest.RunTo("otherworld_no_area");
        Assert.That(guest.WaitForVerdict(scenario), Does.StartWith("ok"), guest.Tail());
        Assert.That(guest.Marks.Count(mark => mark.Name == "panic"), Is.EqualTo(1), guest.Tail());
    }

    /// <summary>The limit is read as one of nothing at all.</summary>
    [Test]
    public void A_kernel_that_takes_a_file_for_too_long_dies_before_it_says_so()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Type(Write);
        guest.RunTo("generic_write_check_limits");
        ulong limit = LimitOfLength(guest);
        ulong was = guest.Word(limit);
        guest.Overwrite(limit, 0);
        guest.RunTo("otherworld_no_length");
        guest.Overwrite(limit, was);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: a file was said to be too long"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    [Test]
    public void A_file_that_is_too_long_ends_its_process()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Type("(ulimit -f 1; dd if=/dev/zero of=/data/work/long bs=4k count=1); echo status $?");
        guest.RunTo("otherworld_no_length");
        guest.WaitToSay("status 153"); // 128 and SIGXFSZ
        Assert.That(guest.Marks.Where(mark => mark.Name == "panic"), Is.Empty, guest.Tail());
    }

    /// <summary>Where the current process has its RLIMIT_FSIZE.</summary>
    private static ulong LimitOfLength(WitnessGuest guest)
    {
        const ulong fileSize = 1; // RLIMIT_FSIZE
        ulong task = guest.Word(guest.Symbols.AddressOf("current_task"));
        ulong signal = guest.Word(task + OffsetOf("task_struct", "signal"));
        return signal + OffsetOf("signal_struct", "rlim") + fileSize * SizeOf("rlimit");
    }
}
