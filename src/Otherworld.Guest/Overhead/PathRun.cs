using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Overhead;

/// <summary>Boots a kernel and has the guest's program <c>paths</c> count the instructions of the ways through it.</summary>
/// <param name="image">The image 'otherworld': root and disk.</param>
/// <param name="progress">Told what happens, for a person.</param>
public sealed class PathRun(GuestImage image, Action<string> progress)
{
    private const string CommandLine =
        "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 reboot=t otherworld virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00200:9";

    private const string Program = "/data/tests/paths";
    private const string End = "paths done";
    private const ulong BootLimit = 400_000_000;
    private const ulong RunLimit = 20_000_000_000;

    private readonly GuestImage _image = image;
    private readonly Action<string> _progress = progress;

    /// <summary>Boots and measures.</summary>
    /// <param name="kernel">The loadable kernel.</param>
    /// <exception cref="OtherworldException">The guest did not come to an end of it (exit 1).</exception>
    public IReadOnlyList<PathCount> Measure(string kernel)
    {
        MachineSettings settings = new() { Disk = DiskChoice.Parse(_image.Path(ImageRoles.Disk)) };
        KernelRequest request = new()
        {
            Kernel = FileBytes.Load(kernel, "kernel"),
            Modules = [FileBytes.Load(_image.Path(ImageRoles.Initramfs), "initrd")],
            CommandLine = CommandLine,
        };
        using GuestConsole console = new(settings, request);
        Transcript said = console.Lines[0];
        if (console.WaitFor(said, 0, GuestShell.Prompt, BootLimit) is null || console.WaitFor(console.Lines[1], 0, GuestShell.Prompt, BootLimit) is null)
            throw new OtherworldException($"{kernel} does not come to its shells", 1);
        _progress($"measuring in {kernel}");
        int from = said.Length;
        if (!console.Type(0, Program + "\n") || console.WaitFor(said, from, End, RunLimit) is null)
            throw new OtherworldException($"{Program} does not end in {kernel}; it said: {said.From(from).Trim()}", 1);
        return [.. said.From(from).Split('\n').Select(line => line.Trim('\r').Split(' ')).Where(words => words is ["path", _, _, ..]).Select(Read)];
    }

    private static PathCount Read(string[] words)
    {
        SortedDictionary<long, int> values = [];
        foreach (string word in words.Skip(3))
        {
            string[] parts = word.Split(':');
            values.Add(long.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        return new PathCount(words[1], int.Parse(words[2], CultureInfo.InvariantCulture), values);
    }
}
