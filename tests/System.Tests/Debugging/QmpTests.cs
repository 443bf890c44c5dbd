using System.Diagnostics;
using System.Text;
using Otherworld.Guest.Images;

namespace System.Tests.Debugging;

/// <summary>Debian's drgn on a guest that is replayed and on one that runs, with the example of the documentation.</summary>
[TestFixture]
public sealed class QmpTests
{
    private string _folder = "";

    [OneTimeSetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-qmp-").FullName;
        if (!Directory.Exists("/usr/lib/python3/dist-packages/drgn"))
            Assert.Ignore("drgn is not installed here (apt-get install python3-drgn)");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Drgn_lists_the_tasks_of_a_kernel_in_the_middle_of_a_replay()
    {
        string run = Path.Combine(_folder, "run"), snapshot = Path.Combine(_folder, "there.snapshot");
        CliResult recorded = Cli.Run([.. Boot(), "--limit", "36_000_000", "--record", run]);
        string[] replay = ["replay", run, "--goto", "35_000_000", "--symbols", Images.Otherworld.Path(ImageRoles.SystemMap), "--json"];
        (string talk, CliResult replayed) = Drgn(replay, "QMP client says cont", "quit");
        Assert.That(talk, Does.StartWith("1 ").And.Contain("2 kthreadd\n").And.Contain(" ticks"));
        Assert.That(replayed.Status, Is.Zero, replayed.Error);
        CliResult plain = Cli.Run("replay", run, "--goto", "35_000_000", "--save", snapshot, "--json");
        Assert.That((replayed.Json("verdict"), replayed.Json("final_hash")), Is.EqualTo(("identical", plain.Json("final_hash"))));
        Assert.That(recorded.Json("outcome"), Is.EqualTo("limit"));
    }

    [Test]
    public void Drgn_looks_at_a_guest_that_runs_and_ends_as_without()
    {
        string[] boot = [.. Boot(), "--limit", "6s"];
        CliResult plain = Cli.Run(boot);
        // As on a wall clock, so that there is time enough for drgn to come.
        (string talk, CliResult looked) = Drgn([.. boot, "--pace", "realtime", "--symbols", Images.Otherworld.Path(ImageRoles.SystemMap)], "otherworld# ", "cont");
        Assert.That(talk, Does.Contain("kthreadd").And.Contain(" ticks"));
        Assert.That((looked.Status, looked.Json("final_hash")), Is.EqualTo((plain.Status, plain.Json("final_hash"))), looked.Error);
    }

    [Test]
    public void What_goes_together_with_qmp_is_said_in_one_line()
    {
        string kernel = BareMetal.Image([0xF4]);
        foreach (string[] wrong in (string[][])[["--qmp=99999"], ["--qmp", "--gdb"], ["--qmp", "--lockstep"]])
        {
            CliResult result = Cli.Run(["boot", "--kernel", kernel, .. wrong]);
            Assert.That((result.Status is 2 or 3, result.Error.Trim().Split('\n').Length), Is.EqualTo((true, 1)), result.Error);
        }
    }

    private static string[] Boot()
    {
        GuestImage image = Images.Otherworld;
        return ["boot", "--kernel", image.Path(ImageRoles.Vmlinux), "--initrd", image.Path(ImageRoles.Initramfs), "--append", "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 otherworld", "--json"];
    }

    /// <summary>Runs a verb with the example beside it.</summary>
    /// <param name="arguments">The verb.</param>
    /// <param name="ready">What it says when the time has come.</param>
    /// <param name="after">What the example does last.</param>
    private (string Talk, CliResult Result) Drgn(string[] arguments, string ready, string after)
    {
        string socket = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        using Process guest = Process.Start(Cli.Start(new Dictionary<string, string>(), [.. arguments, $"--qmp=unix:{socket}"]))!;
        Task<string> output = guest.StandardOutput.ReadToEndAsync();
        StringBuilder seen = new();
        while (!seen.ToString().Contains(ready, StringComparison.Ordinal) && guest.StandardError.Read() is >= 0 and int letter)
            seen.Append((char)letter);
        Task<string> error = guest.StandardError.ReadToEndAsync();
        ProcessStartInfo start = new("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "drgn_live.py"), socket, Images.Otherworld.Path(ImageRoles.VmlinuxDebug), after])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process drgn = Process.Start(start)!;
        Task<string> complaints = drgn.StandardError.ReadToEndAsync();
        string talk = drgn.StandardOutput.ReadToEnd() + complaints.Result;
        drgn.WaitForExit();
        guest.StandardInput.Close();
        guest.WaitForExit();
        TestContext.Out.WriteLine(talk);
        return (talk, new CliResult(guest.ExitCode, output.Result, error.Result));
    }
}
