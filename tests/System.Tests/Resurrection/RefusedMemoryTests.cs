using static System.Tests.Resurrection.WitnessGuest;
using static Emu.X86.State.GeneralRegister;

namespace System.Tests.Resurrection;

/// <summary>A kernel that refuses memory which there is, or no longer has what it had, dies of it, ahead of its answer; one whose memory is out lives.</summary>
[TestFixture]
public sealed class RefusedMemoryTests
{
    private const string Write = "echo kept >/data/work/kept && cat /data/work/kept; echo status $?";

    /// <summary>The allocator answers with nothing, as where its instruction is missing that says what it has found.</summary>
    [TestCase("getname_flags"), TestCase("__alloc_file"), TestCase("jbd2__journal_start"), TestCase("vm_area_alloc")]
    public void A_kernel_that_refuses_memory_dies_before_it_says_so(string function)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        Refuse(guest, function);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: memory was refused"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    /// <summary>As above, when nothing is left of the memory but what the allocator keeps for itself.</summary>
    [Test]
    public void Memory_that_there_is_not_may_be_refused()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        Refuse(guest, "__alloc_file");
        guest.Overwrite(guest.Symbols.AddressOf("totalreserve_pages"), 1UL << 40);
        guest.WaitToSay("status 1");
        ExpectLife(guest);
    }

    /// <summary>A zone is taken for one with less than it must keep.</summary>
    [Test]
    public void A_kernel_that_has_lost_its_memory_dies_before_it_kills_a_process()
    {
        const int watermarks = 3; // WMARK_MIN, WMARK_LOW, WMARK_HIGH
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Type(Write);
        guest.RunTo("begin_new_exec");
        guest.RunToUserMode();
        ulong first = guest.Symbols.AddressOf("contig_page_data") + OffsetOf("pglist_data", "node_zones") + OffsetOf("zone", "_watermark");
        for (ulong i = 0; i < watermarks; i++)
            guest.Overwrite(first + i * sizeof(ulong), 1UL << 40);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: memory was lost"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    /// <summary>Two processes want more than there is.</summary>
    [Test]
    public void A_process_is_killed_when_processes_have_the_memory()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Type("dd if=/dev/zero bs=250M count=1 | dd of=/dev/null bs=250M iflag=fullblock; echo status $?");
        guest.RunTo("otherworld_out_of_memory");
        guest.RunTo("oom_kill_process");
        guest.WaitToSay("status ");
        ExpectLife(guest);
    }

    /// <summary>A program is given nothing by the allocator when a function asks it for the first time.</summary>
    private static void Refuse(WitnessGuest guest, string function)
    {
        guest.Type(Write);
        guest.RunTo(function);
        guest.RunTo("kmem_cache_alloc");
        guest.RunToReturn();
        guest.SetRegister(Rax, 0);
    }

    private static void ExpectLife(WitnessGuest guest) => Assert.That(guest.Marks.Where(mark => mark.Name == "panic"), Is.Empty, guest.Tail());
}
