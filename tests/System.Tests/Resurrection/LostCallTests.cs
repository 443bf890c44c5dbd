using Emu.X86.State;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>A kernel that no longer finds its system calls dies of it, ahead of its answer; one that is asked for a call that there is not lives.</summary>
[TestFixture]
public sealed class LostCallTests
{
    /// <summary>Greater than the number of any call.</summary>
    private const ulong NoCall = 999;

    [Test]
    public void A_kernel_that_does_not_find_a_system_call_dies_before_it_says_so()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        RunToCall(guest);
        guest.SetRegister(GeneralRegister.Rsi, NoCall);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: a system call was not found"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    [Test]
    public void What_is_no_system_call_may_not_be_found()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        RunToCall(guest);
        guest.Overwrite(guest.Parameter + OffsetOf("pt_regs", "orig_ax"), NoCall);
        guest.SetRegister(GeneralRegister.Rsi, NoCall);
        guest.WaitToSay("status ");
        Assert.That(guest.Marks.Where(mark => mark.Name == "panic"), Is.Empty, guest.Tail());
    }

    /// <summary>A program, just begun, is about to be given what it has asked for.</summary>
    private static void RunToCall(WitnessGuest guest)
    {
        guest.Ask("echo kept >/data/work/kept");
        guest.Type("cat /data/work/kept; echo status $?");
        guest.RunTo("begin_new_exec");
        guest.RunTo("x64_sys_call");
    }
}
