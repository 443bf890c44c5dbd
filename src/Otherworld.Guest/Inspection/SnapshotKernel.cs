using Emu.Core;
using Emu.Core.Snapshots;
using Emu.X86.State;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>A kernel of a snapshot file: its memory, its symbols, and the registers it stands at or has died with.</summary>
public sealed class SnapshotKernel
{
    private readonly string _symbolPath;

    /// <summary>Reads a snapshot and finds a kernel in it. No machine is built and no disk image is needed.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="choice">Which kernel.</param>
    /// <param name="symbols">System.map or unstripped vmlinux; null for the one beside the snapshot's disk image.</param>
    /// <exception cref="OtherworldException">The snapshot cannot be read, has no such kernel, or there are no symbols for it.</exception>
    public SnapshotKernel(string snapshot, KernelChoice choice, string? symbols)
    {
        (SnapshotManifest manifest, MemorySnapshot contents) = SnapshotFile.Read(snapshot);
        _symbolPath = symbols ?? KernelSymbols.PathBesideDisk(manifest);
        Symbols = SymbolTable.Load(_symbolPath);
        KernelFinder finder = new(new SnapshotMemory(contents.Ram), Symbols);
        Kernel = finder.Find(choice);
        if (choice == KernelChoice.Live)
        {
            Registers = CrashRegisters.Of(ProcessorOf(contents));
            return;
        }

        DeathRecord record = finder.RecordOf(Kernel) is { Kind: not 0 } written
            ? written
            : throw new OtherworldException("the dead kernel left no record of its death: its registers are not known.", 1);
        (Registers, Message) = (record.Registers, record.Message);
    }

    /// <summary>The kernel.</summary>
    public KernelInstance Kernel { get; }

    /// <summary>Of the kernel.</summary>
    public SymbolTable Symbols { get; }

    /// <summary>The processor's; of a dead kernel, those it wrote down.</summary>
    public CrashRegisters Registers { get; }

    /// <summary>What a dead kernel of ours said of its death; null otherwise.</summary>
    public string? Message { get; }

    /// <summary>The unstripped kernel beside the symbols, with types and lines; null when there is none.</summary>
    public string? DebugKernel => KernelSymbols.DebugKernelBeside(_symbolPath);

    /// <summary>Looks into the kernel.</summary>
    /// <exception cref="OtherworldException">Its unstripped file is missing or has no BTF.</exception>
    public KernelInspector Inspect() => new(Kernel, Symbols, KernelTypes.Load(DebugKernel ?? throw new OtherworldException(
        $"no vmlinux.debug lies beside '{_symbolPath}'. Put the unstripped kernel there under that name; with pahole it gets the BTF that is wanted.", 3)));

    private static byte[] ProcessorOf(MemorySnapshot snapshot) =>
        snapshot.Parts.FirstOrDefault(part => part.Id == "cpu" && part.Fits(typeof(CpuState)))?.Bytes
        ?? throw new OtherworldException("the snapshot's processor is not the one this program knows. Use the program that wrote it.");
}
