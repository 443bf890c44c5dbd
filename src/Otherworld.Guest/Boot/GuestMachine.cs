using System.IO.Hashing;
using Emu.Core.Acpi;
using Emu.Core.Devices.Disk;
using Emu.Core.Devices.Virtio;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>A PC with its processor and disks, composed from settings: what every verb that runs a guest starts with.</summary>
public sealed partial class GuestMachine : IDisposable
{
    private readonly IReadOnlyList<FileDiskImage> _disks;
    private readonly IReadOnlyList<string> _diskPaths;

    private GuestMachine(PcMachine machine, X86Processor processor, IReadOnlyList<FileDiskImage> disks, IReadOnlyList<string> diskPaths)
    {
        Machine = machine;
        Processor = processor;
        _disks = disks;
        _diskPaths = diskPaths;
        machine.Journal = Inputs;
    }

    /// <summary>The PC.</summary>
    public PcMachine Machine { get; }

    /// <summary>Its processor.</summary>
    public X86Processor Processor { get; }

    /// <summary>Hash over everything that came from outside.</summary>
    public InputHash Inputs { get; } = new();

    /// <summary>Hash over what was loaded: kernel, modules, command line and disk images. 32 hexadecimal digits, empty before <see cref="Load"/>.</summary>
    public string ImageHash { get; private set; } = "";

    /// <summary>Builds the machine, powered on and empty.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="outputs">Where it talks to.</param>
    /// <exception cref="Emu.Core.OtherworldException">A disk image is missing or none, or the memory size is odd.</exception>
    public static GuestMachine Create(MachineSettings settings, MachineOutputs outputs) =>
        Create(settings.ToDescription(), settings.Engine, [.. settings.Disks.Select(disk => disk.Path)], outputs);

    private static GuestMachine Create(
        MachineDescription description, EngineKind? engine, IReadOnlyList<string> diskPaths, MachineOutputs outputs)
    {
        EngineKind runs = EngineChoice.Resolve(engine);
        List<FileDiskImage> disks = [];
        try
        {
            foreach (string path in diskPaths)
                disks.Add(new FileDiskImage(path));
            X86Processor? processor = null;
            PcMachine machine = new(
                description,
                outputs,
                parts => processor = new X86Processor(parts.Memory, parts.Bus, parts.Lapic, parts.Clock, description.Seed, parts.Coprocessor) { Strict = description.Strict, Engine = runs },
                VirtioDevices.For(description, [.. disks.Cast<IDiskImage>()], outputs));
            return new GuestMachine(machine, processor!, disks, diskPaths);
        }
        catch
        {
            foreach (FileDiskImage disk in disks)
                disk.Dispose();
            throw;
        }
    }

    /// <summary>Puts ACPI tables and a kernel into memory and the processor at its entry.</summary>
    /// <returns>The entry state.</returns>
    /// <exception cref="Emu.Core.OtherworldException">The kernel or a module cannot be loaded.</exception>
    public EntryState Load(KernelRequest request)
    {
        ulong rsdp = AcpiTables.Write(Machine.Memory, Machine.Description);
        EntryState entry = KernelLoader.Load(Machine.Memory, request with { Rsdp = rsdp });
        ProcessorEntry.Apply(Processor, entry);
        ImageHash = Hash(request);
        KernelBuildId = BuildIdOf(request.Kernel);
        return entry;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Machine.Dispose();
        foreach (FileDiskImage disk in _disks)
            disk.Dispose();
    }

    private string Hash(KernelRequest request)
    {
        XxHash128 hash = new();
        foreach (FileBytes file in (FileBytes[])[request.Kernel, .. request.Modules])
        {
            hash.Append(BitConverter.GetBytes(file.Length));
            hash.Append(file.Span);
        }

        hash.Append(System.Text.Encoding.UTF8.GetBytes(request.CommandLine));
        foreach (FileDiskImage disk in _disks)
            hash.Append(System.Text.Encoding.UTF8.GetBytes("\n" + disk.ContentHash));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
