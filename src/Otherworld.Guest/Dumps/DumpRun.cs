using System.Globalization;
using System.Text;
using System.Text.Json;
using Emu.Core;
using Emu.Core.Snapshots;
using Emu.X86.State;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Dumps;

/// <summary>Makes a dump of a kernel from a snapshot, for <c>crash</c>, <c>gdb</c>, <c>drgn</c> and <c>makedumpfile</c>.</summary>
public sealed class DumpRun
{
    private const string SymbolFile = "System.map";
    private const string DebugFile = "vmlinux.debug";

    private static readonly string[] Names = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly DumpOptions _options;
    private readonly SymbolTable _symbols;
    private readonly string _symbolPath;
    private readonly CrashRegisters _registers;
    private readonly KernelInstance _kernel;
    private readonly string? _message;

    /// <exception cref="OtherworldException">The snapshot cannot be read, has no such kernel, or there are no symbols for it.</exception>
    public DumpRun(DumpOptions options)
    {
        _options = options;
        (SnapshotManifest manifest, MemorySnapshot snapshot) = SnapshotFile.Read(options.Snapshot);
        _symbolPath = options.Symbols ?? BesideDisk(manifest);
        _symbols = SymbolTable.Load(_symbolPath);
        KernelFinder finder = new(new SnapshotMemory(snapshot.Ram), _symbols);
        if (options.Kernel == KernelChoice.Dead)
        {
            _kernel = finder.Dead();
            DeathRecord record = finder.RecordOf(_kernel) is { Kind: not 0 } written
                ? written
                : throw new OtherworldException("the dead kernel left no record of its death: its registers are not known.", 1);
            (_registers, _message) = (record.Registers, record.Message);
        }
        else
        {
            _kernel = finder.Live();
            _registers = CrashRegisters.Of(ProcessorOf(snapshot));
        }
    }

    /// <summary>Writes all files, each whole or not at all, the dump last.</summary>
    /// <exception cref="OtherworldException">The folder cannot be written to, or the kernel's own description is missing.</exception>
    public DumpResult Run()
    {
        var info = VmcoreInfo.Of(_kernel, _symbols);
        string folder = Path.GetDirectoryName(Path.GetFullPath(_options.Out))!;
        MakeFolder(folder);
        List<string> files = [_options.Out];
        Beside("dmesg.txt", new PrintkLog(_kernel, info).Read());
        Beside("stack.txt", StackTrace.Of(_kernel, _registers, _symbols));
        Beside("regs.json", Registers() + "\n");
        AtomicFile.Write(_options.Out, stream =>
        {
            if (_options.Format == DumpFormat.Raw)
                RamWriter.WriteFlat(stream, _kernel.Memory, _options.Progress);
            else
                new ElfCore(_kernel, _registers, info, _symbols).Write(stream, _options.Progress);
        });
        string debug = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_symbolPath))!, DebugFile);
        return new DumpResult(files, _kernel.Generation, _kernel.PhysBase, _symbols.Describe(_registers.Rip), _message, File.Exists(debug) ? debug : null);

        void Beside(string name, string text)
        {
            string path = Path.Combine(folder, name);
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
            files.Add(path);
        }
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"'{folder}' cannot be written to: {e.Message} Name another place with --out FILE.", 3);
        }
    }

    private string Registers()
    {
        SortedDictionary<string, string> values = new(StringComparer.Ordinal)
        {
            ["rip"] = Hex(_registers.Rip),
            ["rflags"] = Hex(_registers.Rflags),
            ["cr2"] = Hex(_registers.Cr2),
            ["cr3"] = Hex(_registers.Cr3),
            ["fs_base"] = Hex(_registers.FsBase),
            ["gs_base"] = Hex(_registers.GsBase),
        };
        for (int i = 0; i < Names.Length; i++)
            values[Names[i]] = Hex(_registers.General[i]);
        return JsonSerializer.Serialize(values, Indented);

        static string Hex(ulong value) => "0x" + value.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static byte[] ProcessorOf(MemorySnapshot snapshot) =>
        snapshot.Parts.FirstOrDefault(part => part.Id == "cpu" && part.Fits(typeof(CpuState)))?.Bytes
        ?? throw new OtherworldException("the snapshot's processor is not the one this program knows. Use the program that wrote it.");

    /// <summary>An image's disk lies beside its kernel's symbols.</summary>
    private static string BesideDisk(SnapshotManifest manifest) =>
        manifest.Disks.Select(disk => Path.Combine(Path.GetDirectoryName(disk.Path) ?? "", SymbolFile)).FirstOrDefault(File.Exists)
        ?? throw new OtherworldException("no System.map lies beside the snapshot's disk image. Give it, or the unstripped vmlinux, with --symbols.");
}
