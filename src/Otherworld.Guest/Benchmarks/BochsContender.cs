using System.Diagnostics;
using System.Text;
using Emu.Core;

namespace Otherworld.Guest.Benchmarks;

/// <summary>
/// Bochs, an interpreter. It starts disks only, so it gets a compact disc on which GRUB hands our kernel to <c>bench/guest/chain.c</c>, which enters it as
/// every other contender does. It has no virtio, and its way through BIOS and boot loader is no part of a boot that could be compared.
/// </summary>
internal sealed class BochsContender : IContender, IDisposable
{
    /// <summary>What Debian 12 has it in, with what makes the disc.</summary>
    internal const string Packages = "bochs bochsbios vgabios grub-common grub-pc-bin xorriso mtools";

    /// <summary>Debian's bochsbios is content without it, Bochs is not.</summary>
    internal const string VideoFirmware = "/usr/share/vgabios/vgabios.bin";

    private const string Firmware = "/usr/share/bochs/BIOS-bochs-latest";

    private readonly string _program;
    private readonly string _discMaker;
    private readonly string _chain;
    private readonly int _megabytes;
    private readonly string _folder = Directory.CreateTempSubdirectory("otherworld-bochs-").FullName;

    /// <param name="program">bochs.</param>
    /// <param name="discMaker">grub-mkrescue.</param>
    /// <param name="chain">The boot loader's second half.</param>
    /// <param name="memory">Bytes of the guest's RAM.</param>
    internal BochsContender(string program, string discMaker, string chain, ulong memory)
    {
        _program = program;
        _discMaker = discMaker;
        _chain = chain;
        _megabytes = (int)(memory >> 20);
        Version = HostTool.Run(program, ["--help"]).Output.Split('\n').FirstOrDefault(line => line.Contains("Emulator", StringComparison.Ordinal))?.Trim() ?? "Bochs";
    }

    /// <inheritdoc/>
    public string Name => ContenderNames.Bochs;

    /// <inheritdoc/>
    public string Version { get; }

    /// <inheritdoc/>
    public bool TellsTime => false;

    /// <inheritdoc/>
    public bool TakesPartIn(BenchSuite suite, string item) => !suite.MeasuresStart && item != BenchSuite.FileRead;

    /// <inheritdoc/>
    public ProcessStartInfo Command(BenchLaunch launch)
    {
        string root = Path.Combine(_folder, "disc"), disc = Path.Combine(_folder, "disc.iso"), settings = Path.Combine(_folder, "bochsrc"), orders = Path.Combine(_folder, "orders");
        Directory.CreateDirectory(Path.Combine(root, "boot/grub"));
        File.Copy(launch.Kernel, Path.Combine(root, "kernel"), overwrite: true);
        File.Copy(launch.Initramfs!, Path.Combine(root, "root"), overwrite: true);
        File.Copy(_chain, Path.Combine(root, "chain"), overwrite: true);
        File.WriteAllText(Path.Combine(root, "boot/grub/grub.cfg"), $"set timeout=0\nmultiboot /chain\nmodule /kernel {launch.CommandLine}\nmodule /root\nboot\n");
        (int status, string output) = HostTool.Run(_discMaker, ["-o", disc, root]);
        if (status != 0)
            throw new OtherworldException($"'{_discMaker}' ended with {status}: {HostTool.LastLine(output)}", 3);
        File.WriteAllText(settings, Settings(disc));
        File.WriteAllText(orders, "continue\n"); // Debian's has its debugger built in, which waits at the first instruction
        return new ProcessStartInfo(_program, ["-q", "-f", settings, "-rc", orders]);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Settings(string disc) => new StringBuilder()
        .AppendLine("display_library: rfb, options=\"timeout=0\"")
        .AppendLine($"megs: {_megabytes}")
        .AppendLine("cpu: model=corei7_skylake_x, count=1, ips=200000000, reset_on_triple_fault=0")
        .AppendLine($"romimage: file={Firmware}")
        .AppendLine($"vgaromimage: file={VideoFirmware}")
        .AppendLine($"ata0-master: type=cdrom, path=\"{disc}\", status=inserted")
        .AppendLine("boot: cdrom")
        .AppendLine("sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy") // the thread for ALSA's aborts where the host has no sound card
        .AppendLine("com1: enabled=1, mode=file, dev=/dev/stdout")
        .AppendLine("log: /dev/stderr")
        .AppendLine("panic: action=fatal")
        .AppendLine("error: action=ignore")
        .AppendLine("info: action=ignore")
        .AppendLine("clock: sync=none, time0=utc")
        .ToString();
}
