using Emu.X86.State;
using Otherworld.Guest.Inspection;
using static Emu.X86.State.GeneralRegister;

namespace System.Tests.Resurrection;

/// <summary>A kernel that takes an address of a process for its own dies of it, ahead of its answer; one that is given an address of its own lives.</summary>
[TestFixture]
public sealed class RefusedAddressTests
{
    private const string Write = "call-write", Read = "call-read", WriteOfPieces = "call-unix-writev";

    /// <summary>TASK_SIZE_MAX, arch/x86/include/asm/page_64_types.h: where the part of a process ends.</summary>
    private const ulong EndOfUser = 0x7fff_ffff_f000;

    /// <summary>The end is not what it should be when the address is compared with it, as where its instruction is missing.</summary>
    [TestCase(Write, "vfs_write", Rax), TestCase(Read, "vfs_read", Rcx), TestCase(WriteOfPieces, "__import_iovec", R8)]
    public void A_kernel_that_refuses_a_good_buffer_dies_before_it_says_so(string scenario, string function, GeneralRegister limit)
    {
        WitnessGuest guest = Start(scenario);
        guest.RunTo(function);
        Lose(guest, limit);
        ExpectDeathOf(guest, "a good address was refused", scenario);
    }

    /// <summary>What the process has given is gone from its register, or its size.</summary>
    [TestCase(Write, "vfs_write", Rsi), TestCase(Read, "vfs_read", Rsi), TestCase(Write, "vfs_write", Rdx)]
    public void A_kernel_that_refuses_another_buffer_dies_before_it_says_so(string scenario, string function, GeneralRegister parameter)
    {
        WitnessGuest guest = Start(scenario);
        guest.RunTo(function);
        guest.SetRegister(parameter, KernelInstance.DirectMap);
        ExpectDeathOf(guest, "a buffer was lost", scenario);
    }

    /// <summary>As above, where single words are copied, for a shell that gives its terminal to a command.</summary>
    [TestCase("__get_user_4", Rdx), TestCase("__put_user_4", Rbx)]
    public void A_kernel_that_refuses_a_good_word_dies_before_it_says_so(string function, GeneralRegister limit)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo kept >/data/work/kept");
        guest.Type("cat /data/work/kept; echo status $?");
        guest.RunTo("tty_jobctrl_ioctl");
        guest.RunTo(function);
        Lose(guest, limit);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: invalid opcode"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    [Test]
    public void What_is_no_address_of_a_process_may_be_refused()
    {
        const string scenario = "races-no-address";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunTo("ow_see_buffer");
        guest.RunTo("ow_see_range");
        guest.RunTo("otherworld_bad_get_user");
        guest.RunTo("otherworld_bad_put_user");
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        Assert.That(guest.DeathMessages(), Is.Empty);
    }

    private static WitnessGuest Start(string scenario)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        return guest;
    }

    /// <summary>Runs to where a register has the end of user memory, or some bytes before it for the length of a word, and takes it away.</summary>
    private static void Lose(WitnessGuest guest, GeneralRegister limit)
    {
        const int longest = 200;
        for (int steps = 0; guest.Register(limit) is not (> EndOfUser - sizeof(ulong) and <= EndOfUser); steps++)
        {
            Assert.That(steps, Is.LessThan(longest), $"{limit} is not loaded: {guest.Tail()}");
            guest.RunInstructions(1);
        }

        guest.SetRegister(limit, 0);
    }

    private static void ExpectDeathOf(WitnessGuest guest, string message, string scenario)
    {
        guest.RunToDeath();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Does.StartWith("ok"), guest.Tail());
        Assert.That(guest.DeathMessages(), Is.EqualTo(new[] { message }), guest.Tail());
    }
}
