using System.Collections.Immutable;
using System.Globalization;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Worlds;

/// <summary>A machine of a world as a machine file describes it.</summary>
public sealed record MachinePlan
{
    /// <summary>Unique within the world.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required MachineSettings Settings { get; init; }

    /// <summary>Path of its kernel.</summary>
    public required string Kernel { get; init; }

    /// <summary>Paths of its initial RAM file systems or modules.</summary>
    public ImmutableArray<string> Initrds { get; init; } = [];

    /// <summary>The kernel's command line; null for <see cref="DefaultCommandLine"/>.</summary>
    public string? CommandLine { get; init; }

    /// <summary>File for its serial console; null for none.</summary>
    public string? Console { get; init; }

    /// <summary>File that is typed on its serial console; null for none.</summary>
    public string? Input { get; init; }

    /// <summary>Console on the serial line, and all virtio devices by name, for kernels that do not read ACPI.</summary>
    public string DefaultCommandLine
    {
        get
        {
            ImmutableArray<string> slots = Settings.ToDescription().Virtio;
            IEnumerable<string> devices = Enumerable.Range(0, slots.Length).Where(slot => slots[slot].Length != 0).Select(slot => Device(new VirtioSlot(slot)));
            return string.Join(' ', ["console=ttyS0,115200", "quiet", .. devices]);
        }
    }

    /// <summary>What a command line says of a network card.</summary>
    /// <param name="card">Its number, from 0.</param>
    public static string CardParameter(int card) => Device(new VirtioSlot(MachineSettings.FirstCardSlot + card));

    /// <summary>Reads its files.</summary>
    /// <exception cref="Emu.Core.OtherworldException">One is missing.</exception>
    public KernelRequest Load() => new()
    {
        Kernel = FileBytes.Load(Kernel, $"kernel of '{Name}'"),
        Modules = [.. Initrds.Select(path => FileBytes.Load(path, $"initrd of '{Name}'"))],
        CommandLine = CommandLine ?? DefaultCommandLine,
    };

    private static string Device(VirtioSlot slot) =>
        string.Create(CultureInfo.InvariantCulture, $"virtio_mmio.device={VirtioSlot.Length}@0x{slot.Address:x}:{slot.Irq}");
}
