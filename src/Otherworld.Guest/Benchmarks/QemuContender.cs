using System.Diagnostics;

namespace Otherworld.Guest.Benchmarks;

/// <summary>
/// QEMU without hardware virtualisation: its smallest machine, with the processor model nearest to ours and the disk in the virtio slot where ours is.
/// </summary>
/// <param name="program">qemu-system-x86_64.</param>
/// <param name="version">What it says it is.</param>
/// <param name="memory">RAM of the guest.</param>
/// <param name="deterministic">Count instructions instead of looking at a clock.</param>
internal sealed class QemuContender(string program, string version, string memory, bool deterministic) : IContender
{
    /// <inheritdoc/>
    public string Name => deterministic ? ContenderNames.QemuIcount : ContenderNames.Qemu;

    /// <inheritdoc/>
    public string Version => version;

    /// <inheritdoc/>
    public bool TakesPartIn(BenchSuite suite, string item) => true;

    /// <inheritdoc/>
    public bool TellsTime => false;

    /// <inheritdoc/>
    public ProcessStartInfo Command(BenchLaunch launch)
    {
        List<string> words =
        [
            "-M", "microvm,acpi=off,rtc=on,pit=on,pic=on,auto-kernel-cmdline=off", "-accel", "tcg", "-cpu", "Nehalem-v1", "-m", memory,
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-chardev", "file,id=serial,path=/dev/stdout", "-serial", "chardev:serial",
            "-kernel", launch.Kernel, "-append", launch.CommandLine,
        ];
        if (launch.Initramfs is { } root)
            words.AddRange(["-initrd", root]);
        if (launch.Disk is { } disk)
        {
            words.AddRange(
            [
                "-global", "virtio-mmio.force-legacy=false",
                "-drive", $"file={disk.Replace(",", ",,", StringComparison.Ordinal)},format=raw,if=none,id=disk,readonly=on",
                "-device", "virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0",
            ]);
        }

        if (deterministic)
            words.AddRange(["-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01,clock=vm"]);
        return new ProcessStartInfo(program, words);
    }
}
