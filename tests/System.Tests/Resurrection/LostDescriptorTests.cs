
using Emu.X86.State;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>A kernel that no longer finds what a process has open dies of it, ahead of its answer; one that is asked for what is not open lives.</summary>
[TestFixture]
public sealed class LostDescriptorTests
{
    /// <summary>FMODE_PATH, include/linux/fs.h: opened with O_PATH, for its place and not for its data.</summary>
    private const ulong OnlyPath = 0x4000;

    /// <summary>More than any program here has open.</summary>
    private const ulong NotOpen = 0x4000;

    /// <summary>The parameter that says which files do not count is not set, as where its instruction is missing: so none of them does.</summary>
    [Test]
    public void A_kernel_that_does_not_find_an_open_file_dies_before_it_says_so()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        RunToLookUp(guest, "cat /data/work/kept", "begin_new_exec", "__fget_light");
        guest.SetRegister(GeneralRegister.Rsi, uint.MaxValue);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: a descriptor was not found"));
        guest.WaitToSay("kept\r\nstatus 0");
    }

    /// <summary>A number is looked up that its process has not given, as where an instruction puts its value into another register.</summary>
    [Test]
    public void A_kernel_that_looks_up_another_number_dies_before_it_says_that_it_is_not_open()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        RunToLookUp(guest, "head -c 4 /data/work/kept", "ext4_file_open", "__x64_sys_read", "__fget_light");
        guest.SetRegister(GeneralRegister.Rdi, NotOpen);
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: a descriptor was lost"));
        guest.WaitToSay("keptstatus 0");
    }

    /// <summary>What is written to a device may name a descriptor.</summary>
    [Test]
    public void A_device_may_be_asked_for_another_number()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        RunToLookUp(guest, "dd if=/data/work/kept of=/dev/null", "ext4_file_open", "__x64_sys_write", "__fget_light");
        guest.SetRegister(GeneralRegister.Rdi, NotOpen);
        guest.WaitToSay("Bad file descriptor");
        Assert.That(guest.Marks.Where(mark => mark.Name == "panic"), Is.Empty, guest.Tail());
    }

    [Test]
    public void What_is_open_for_its_path_alone_may_not_be_found()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        RunToLookUp(guest, "cat /data/work/kept", "begin_new_exec", "__fget_light");
        ulong mode = FileOf(guest, guest.Parameter) + OffsetOf("file", "f_mode");
        guest.Overwrite(mode, guest.Word(mode) | OnlyPath);
        guest.WaitToSay("Bad file descriptor");
        Assert.That(guest.Marks.Where(mark => mark.Name == "panic"), Is.Empty, guest.Tail());
    }

    [Test]
    public void What_is_not_open_may_not_be_found()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Type("read -u 9 line; echo status $?");
        guest.RunTo("otherworld_no_file");
        guest.WaitToSay("status 1");
        Assert.That(guest.Marks.Where(mark => mark.Name == "panic"), Is.Empty, guest.Tail());
    }

    /// <summary>A program that comes by these functions looks up a descriptor, which is the last of them.</summary>
    private static void RunToLookUp(WitnessGuest guest, string program, params string[] functions)
    {
        guest.Ask("echo kept >/data/work/kept");
        guest.Type(program + "; echo status $?");
        foreach (string function in functions)
            guest.RunTo(function);
    }

    /// <summary>The struct file that the current task has at a descriptor.</summary>
    private static ulong FileOf(WitnessGuest guest, ulong descriptor)
    {
        ulong task = guest.Word(guest.Symbols.AddressOf("current_task"));
        ulong files = guest.Word(task + OffsetOf("task_struct", "files"));
        ulong table = guest.Word(files + OffsetOf("files_struct", "fdt"));
        return guest.Word(guest.Word(table + OffsetOf("fdtable", "fd")) + descriptor * sizeof(ulong));
    }
}
