using System.Security.Cryptography;
using System.Text;
using Otherworld.Guest.Images;

namespace System.Tests.Boot;

/// <summary>Real kernels reach a shell. Limits are guest instructions: about twice what they need.</summary>
public sealed class KernelBootTests
{
    [Test]
    public void Our_kernel_reaches_a_shell_and_two_boots_end_in_the_same_state()
    {
        CliResult first = BootOurs(), second = BootOurs();
        Assert.Multiple(() =>
        {
            Assert.That(first.Status, Is.Zero, first.Error);
            Assert.That(first.Error, Does.Contain("Run /init as init process"));
            Assert.That(second.Json("final_hash"), Is.EqualTo(first.Json("final_hash")));
            Assert.That(second.Json("images"), Is.EqualTo(first.Json("images")));
            Assert.That(second.Json("icount"), Is.EqualTo(first.Json("icount")));
        });
    }

    [Test]
    public void Our_kernel_finds_the_data_disk()
    {
        CliResult result = BootOurs("--disk", Images.Otherworld.Path(ImageRoles.Disk));
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Error, Does.Contain("EXT4-fs (vda): mounted"));
        });
    }

    [Test]
    public void Debians_own_kernel_reaches_a_shell_with_its_own_defaults()
    {
        GuestImage image = Images.Stock;
        CliResult result = Cli.Run(
            "boot", "--kernel", image.Path(ImageRoles.Kernel), "--initrd", image.Path(ImageRoles.Initramfs), "--append", "console=ttyS0", "--until", "stock# ", "--limit", "3_000_000_000");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Does.Contain("Linux version 6.1").And.Contain("ACPI: RSDP"));
        });
    }

    [TestCase("max")]
    [TestCase("realtime")]
    public void A_long_script_in_the_pipe_arrives_whole(string pace)
    {
        string text = string.Concat(Enumerable.Range(1, 400).Select(line => $"line {line} of what is typed ahead\n"));
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        CliResult result = Cli.Pipe(
            $"cat > /tmp/script << END\n{text}END\nsha256sum /tmp/script\n",
            "boot", "--kernel", Images.Otherworld.Path(ImageRoles.Vmlinux), "--initrd", Images.Otherworld.Path(ImageRoles.Initramfs),
            "--append", "console=ttyS0,115200 quiet", "--pace", pace, "--until", $"{digest}  /tmp/script", "--limit", "1_000_000_000");
        Assert.That(result.Status, Is.Zero, result.Error + result.Output[^Math.Min(500, result.Output.Length)..]);
    }

    [Test]
    public void Debians_own_kernel_finds_our_devices_by_ACPI()
    {
        GuestImage image = Images.Stock;
        CliResult result = Cli.Pipe(
            "ls /data; cat /sys/bus/acpi/devices/LNRO0005*/hid; dmesg | grep EXT4-fs; echo all $((6*7))\n",
            "boot", "--kernel", image.Path(ImageRoles.Kernel), "--initrd", image.Path(ImageRoles.Initramfs), "--append", "console=ttyS0,115200",
            "--disk", Images.Otherworld.Path(ImageRoles.Disk), "--until", "all 42", "--limit", "4_000_000_000");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Does.Contain("LNRO0005\r\n").And.Contain("(vda): mounted filesystem").And.Contain("lost+found"));
        });
    }

    [Test]
    public void Another_initrd_or_less_memory_is_refused_before_the_boot()
    {
        GuestImage image = Images.Otherworld;
        string kernel = image.Path(ImageRoles.Vmlinux);
        CliResult foreign = Cli.Run("boot", "--kernel", kernel, "--initrd", kernel);
        CliResult small = Cli.Run("boot", "--kernel", kernel, "--initrd", image.Path(ImageRoles.Initramfs), "--memory", "16M");
        Assert.Multiple(() =>
        {
            Assert.That(foreign.Status, Is.EqualTo(2));
            Assert.That(foreign.Error, Does.Contain("no initrd we know"));
            Assert.That(small.Status, Is.EqualTo(2));
            Assert.That(small.Error, Does.Contain("--memory"));
        });
    }

    private static CliResult BootOurs(params string[] more) => Cli.Run(
    [
        "boot", "--kernel", Images.Otherworld.Path(ImageRoles.Vmlinux), "--initrd", Images.Otherworld.Path(ImageRoles.Initramfs),
        "--append", $"console=ttyS0 {Images.VirtioOnTheCommandLine}", "--until", "otherworld# ", "--limit", "100_000_000", "--json", .. more,
    ]);
}
