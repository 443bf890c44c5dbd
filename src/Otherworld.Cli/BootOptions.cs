using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>What <c>boot</c> was asked to do.</summary>
internal sealed record BootOptions
{
    public required KernelRequest? Kernel { get; init; }

    public required MachineSettings Settings { get; init; }

    public required string? Until { get; init; }

    public required RunLimit? Limit { get; init; }

    public required Pace Pace { get; init; }

    /// <summary>The guest's line that the terminal is.</summary>
    public InputSource Tty { get; init; }

    public required string? From { get; init; }

    /// <summary>Where to save a snapshot at the end, or null.</summary>
    public string? Save { get; init; }

    /// <summary>Saving is the purpose: only at the end asked for, and reaching it is success.</summary>
    public bool SaveIsPurpose { get; init; }

    /// <summary>Run both engines side by side, with so many ticks between two comparisons, on average; null runs one.</summary>
    public ulong? Lockstep { get; init; }

    /// <summary>Folder to record the run into, or null.</summary>
    public string? Record { get; init; }

    /// <summary>The recording holds its disk images.</summary>
    public bool SelfContained { get; init; }

    /// <summary>How a debugger is let in; null for none.</summary>
    public DebugChoice? Debug { get; init; }

    public required bool Json { get; init; }

    public required bool Verbose { get; init; }

    /// <summary>A machine as asked for, loaded, or continued from <see cref="From"/>.</summary>
    /// <param name="console">Where the guest's line goes that the terminal is.</param>
    /// <param name="engine">What runs it; null for the fastest there is.</param>
    /// <exception cref="OtherworldException">The kernel or the snapshot is no good.</exception>
    public GuestMachine CreateGuest(IByteSink console, EngineKind? engine)
    {
        MachineOutputs outputs = new MachineOutputs().With(Tty, console);
        GuestMachine guest = From is { } snapshot
            ? GuestMachine.FromSnapshot(snapshot, Settings.Disks, outputs, engine)
            : GuestMachine.Create(Settings with { Engine = engine }, outputs);
        try
        {
            if (Tty == InputSource.VirtioConsole && guest.Machine.VirtioConsole is null)
                throw new OtherworldException("--tty hvc0: the machine has no virtio console. Give it one in the machine file: [virtio] console = true.");
            if (From is null)
                guest.Load(Kernel!);
            return guest;
        }
        catch
        {
            guest.Dispose();
            throw;
        }
    }

    /// <summary>The kernel's own symbol table; null if it was stripped.</summary>
    public SymbolTable? Symbols()
    {
        try
        {
            return Kernel is { } request && ElfFile.IsElf(request.Kernel) ? SymbolTable.FromElf(new ElfFile(request.Kernel)) : null;
        }
        catch (OtherworldException)
        {
            return null; // stripped: places have addresses only
        }
    }
}
