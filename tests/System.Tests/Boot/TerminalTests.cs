using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Otherworld.Guest.Images;

namespace System.Tests.Boot;

/// <summary>What a person types or pastes reaches a real guest: over the virtio console, and from a terminal of the host's.</summary>
[Platform("Linux")]
public sealed class TerminalTests
{
    private static readonly string[] Kernel =
        ["boot", "--kernel", Images.Otherworld.Path(ImageRoles.Vmlinux), "--initrd", Images.Otherworld.Path(ImageRoles.Initramfs)];

    [Test]
    public void A_shell_on_the_virtio_console_adds_what_is_typed_and_the_run_replays()
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-hvc0-").FullName;
        try
        {
            string run = Path.Combine(folder, "run");
            string typed = "sum=0; while read x; do sum=$((sum+x)); [ $x = 1000 ] && break; done; echo sum $sum\n"
                + string.Concat(Enumerable.Range(1, 1000).Select(number => $"{number}\n"));
            CliResult live = Cli.Pipe(
                typed,
                [.. Kernel, "--append", $"console=hvc0 rdinit=/bin/sh {Images.VirtioOnTheCommandLine}", "--tty", "hvc0", "--until", "sum 500500", "--limit", "1_000_000_000", "--record", run]);
            Assert.That(live.Status, Is.Zero, live.Error + live.Output[..Math.Min(800, live.Output.Length)]);
            CliResult replay = Cli.Run("replay", run, "--tty", "hvc0", "--json");
            Assert.That((replay.Status, replay.Json("verdict")), Is.EqualTo((0, "identical")), replay.Error);
            Assert.That(replay.Error, Does.Contain("sum 500500"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_machine_without_that_line_refuses_the_terminal_in_one_line()
    {
        string machine = Path.Combine(TestContext.CurrentContext.WorkDirectory, "no-console.toml");
        File.WriteAllText(machine, "[virtio]\nconsole = false\n");
        CliResult none = Cli.Run([.. Kernel, "--machine", machine, "--tty", "hvc0"]);
        CliResult unknown = Cli.Run([.. Kernel, "--tty", "tty1"]);
        Assert.Multiple(() =>
        {
            Assert.That((none.Status, none.Error.Trim().Split('\n').Length), Is.EqualTo((2, 1)), none.Error);
            Assert.That(none.Error, Does.Contain("no virtio console"));
            Assert.That((unknown.Status, unknown.Error.Trim().Split('\n').Length), Is.EqualTo((2, 1)), unknown.Error);
            Assert.That(unknown.Error, Does.Contain("hvc0"));
        });
    }

    /// <summary>64 KiB at once, as a paste arrives: the terminal's own buffer is a sixteenth of that, the guest's line still less.</summary>
    [Test]
    public void A_large_paste_into_a_terminal_arrives_whole()
    {
        string text = string.Concat(Enumerable.Range(0, 1024).Select(line => $"{line:d4} {Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{line}")))[..58]}\n"));
        Assert.That(text, Has.Length.EqualTo(64 << 10));
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        string[] boot = [.. Cli.Program, .. Kernel, "--append", "'console=ttyS0,115200 quiet'", "--until", $"'{digest}  /tmp/paste'", "--limit", "20_000_000_000"];
        ProcessStartInfo start = new("script", ["-qec", string.Join(' ', boot), "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process terminal = Process.Start(start)!;
        Task writing = terminal.StandardInput.WriteAsync($"cat > /tmp/paste << END\n{text}END\nsha256sum /tmp/paste\n");
        string said = terminal.StandardOutput.ReadToEnd();
        terminal.WaitForExit();
        Assert.That(writing.IsCompletedSuccessfully);
        Assert.That(terminal.ExitCode, Is.Zero, said[^Math.Min(800, said.Length)..]);
    }
}
