using System.Globalization;
using System.Text;
using System.Text.Json;
using Emu.Core;
using Emu.Core.Snapshots;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Dumps;

/// <summary>Makes a dump of a kernel from a snapshot, for <c>crash</c>, <c>gdb</c>, <c>drgn</c> and <c>makedumpfile</c>.</summary>
public sealed class DumpRun
{
    private static readonly string[] Names = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"];

    private readonly DumpOptions _options;
    private readonly SnapshotKernel _subject;

    /// <inheritdoc cref="SnapshotKernel(string, KernelChoice, string?)"/>
    public DumpRun(DumpOptions options)
    {
        _options = options;
        _subject = new SnapshotKernel(options.Snapshot, options.Kernel, options.Symbols);
    }

    /// <summary>Writes all files, each whole or not at all, the dump last.</summary>
    /// <exception cref="OtherworldException">The folder cannot be written to, or the kernel's own description is missing.</exception>
    public DumpResult Run()
    {
        (KernelInstance kernel, SymbolTable symbols, CrashRegisters registers) = (_subject.Kernel, _subject.Symbols, _subject.Registers);
        var info = VmcoreInfo.Of(kernel, symbols);
        string folder = Path.GetDirectoryName(Path.GetFullPath(_options.Out))!;
        MakeFolder(folder);
        List<string> files = [_options.Out];
        Beside("dmesg.txt", new PrintkLog(kernel, info).Read());
        Beside("stack.txt", new StackTrace(kernel, symbols).Of(registers));
        Beside("regs.json", Json(registers) + "\n");
        AtomicFile.Write(_options.Out, stream =>
        {
            if (_options.Format == DumpFormat.Raw)
                RamWriter.WriteFlat(stream, kernel.Memory, _options.Progress);
            else
                new ElfCore(kernel, registers, info, symbols).Write(stream, _options.Progress);
        });
        return new DumpResult(files, kernel.Generation, kernel.PhysBase, symbols.Describe(registers.Rip), _subject.Message, _subject.DebugKernel);

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

    private static string Json(CrashRegisters registers)
    {
        SortedDictionary<string, string> values = new(StringComparer.Ordinal)
        {
            ["rip"] = Hex(registers.Rip),
            ["rflags"] = Hex(registers.Rflags),
            ["cr2"] = Hex(registers.Cr2),
            ["cr3"] = Hex(registers.Cr3),
            ["fs_base"] = Hex(registers.FsBase),
            ["gs_base"] = Hex(registers.GsBase),
        };
        for (int i = 0; i < Names.Length; i++)
            values[Names[i]] = Hex(registers.General[i]);
        return JsonSerializer.Serialize(values, ReportJson.Default.SortedDictionaryStringString);

        static string Hex(ulong value) => "0x" + value.ToString("x16", CultureInfo.InvariantCulture);
    }
}
