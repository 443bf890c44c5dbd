using System.Globalization;
using Emu.Core;
using Emu.Core.Machine;
using Iced.Intel;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Exploring;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Labs;

/// <summary>
/// Lab 5: somebody corrupts a word of the kernel. One instruction of it gets another displacement, so that with each new process it counts up a word that is not its own.
/// </summary>
internal sealed class WildWriteLab : LabExercise
{
    private const long CheckpointMemory = 256L << 20;
    private const string Function = "copy_process";
    private const string Intended = "total_forks";
    private const int LongestFunction = 1 << 14;
    private const int FewestProcesses = 3;
    private const int MoreProcesses = 6;
    private const ulong Patience = 400_000_000;

    /// <summary>Words that nobody else writes, and that a kernel can live with when they are wrong.</summary>
    private static readonly string[] Victims = ["vm_swappiness", "randomize_va_space", "sysctl_oom_dump_tasks", "sysctl_overcommit_ratio", "sysctl_max_map_count"];

    /// <inheritdoc/>
    public override int Number => 5;

    /// <inheritdoc/>
    public override string Title => "who corrupted this word?";

    /// <inheritdoc/>
    public override string Document => "5-who-corrupted-this-word.md";

    /// <inheritdoc/>
    public override IReadOnlyList<LabQuestion> Questions(ulong seed) =>
    [
        new("value", $"The kernel's variable {Victim(seed)} (4 bytes) was set when the kernel was built, and nobody is told to change it. What is its value at the end of the run?"),
        new("function", "Which function writes it last? (Its name alone.)"),
        new("icount", "Before how many instructions since power-on does that write happen, as 'monitor last-writer' counts?"),
        new("times", "How often does that function write it in the run?"),
        new("intended", "Which variable should the instruction have written? (Compare with the kernel as it was built: vmlinux.debug, or the instruction at the beginning of the run.)"),
    ];

    /// <inheritdoc/>
    private protected override void Record(LabFolder folder, GuestImage image, ulong seed, string commit)
    {
        using DemoRun demo = new(new DemoOptions { Image = image, Seed = seed, Record = folder.Run, Commit = commit });
        GuestConsole console = demo.Console;
        if (demo.Boot() is { } problem)
            throw new OtherworldException(problem, 1);
        console.Guest.Save(folder.Before, commit, "before the event");
        var symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        KernelMemory memory = new(console.Guest.Machine.Memory, console.Guest.Processor);
        (ulong at, int displacement) = Find(memory, symbols);
        foreach (MemoryPatch patch in memory.Patch(at, BitConverter.GetBytes(displacement + (int)(symbols.AddressOf(Victim(seed)) - symbols.AddressOf(Intended)))) ?? throw new OtherworldException($"{Function} is not mapped."))
            console.Guest.Machine.Inject(InputSource.Memory, patch.ToInput());
        int said = console.Lines[0].Length;
        string work = string.Join("; ", Enumerable.Repeat("cat /proc/uptime", Processes(seed)));
        if (!console.Type(0, work + "; echo end-of-$((5))\n") || console.WaitFor(console.Lines[0], said, "end-of-5", Patience) is null)
            throw new OtherworldException("the guest did not do its work: take another seed.", 1);
        console.FinishRecording();
    }

    /// <inheritdoc/>
    private protected override IReadOnlyDictionary<string, string> Truth(LabFolder folder, ulong seed)
    {
        using RunExplorer run = new(RunFolder.Open(folder.Run), [], null, CheckpointMemory, null);
        while (run.Learn())
        {
            // To its end.
        }

        ulong address = run.Symbols!.AddressOf(Victim(seed));
        const int size = 4;
        int times = 0;
        WriterFound? last = null;
        Symbol function = default;
        for (ulong end = run.Known; run.LastWriter(end, address, size) is { } writer; end = writer.InstructionCount)
        {
            if (!run.Symbols.TryFind(writer.Rip, out Symbol writes) || (last is not null && writes != function))
                break;
            function = writes;
            last ??= writer;
            times++;
        }

        if (last is not { } found)
            throw new OtherworldException($"nobody wrote {Victim(seed)} in this run: take another seed.", 1);
        return new Dictionary<string, string>
        {
            ["value"] = run.ReadWord(run.Known, address).ToString(CultureInfo.InvariantCulture),
            ["function"] = function.Name,
            ["icount"] = Text(found.InstructionCount),
            ["times"] = times.ToString(CultureInfo.InvariantCulture),
            ["intended"] = Intended,
        };
    }

    private static string Victim(ulong seed) => Victims[seed % (ulong)Victims.Length];

    private static int Processes(ulong seed) => FewestProcesses + (int)(seed / (ulong)Victims.Length % MoreProcesses);

    /// <summary>Where the displacement of the instruction lies that counts the processes, and what it is.</summary>
    private static (ulong Address, int Displacement) Find(KernelMemory memory, SymbolTable symbols)
    {
        ulong start = symbols.AddressOf(Function);
        ulong target = symbols.AddressOf(Intended);
        byte[] code = new byte[LongestFunction];
        for (int i = 0; i < code.Length; i++)
            memory.TryRead(start + (ulong)i, out code[i]);
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code), start);
        while (decoder.IP < start + (ulong)code.Length - 16)
        {
            ulong at = decoder.IP;
            Instruction instruction = decoder.Decode();
            if (instruction.Mnemonic is Mnemonic.Add or Mnemonic.Inc && instruction.IsIPRelativeMemoryOperand && instruction.IPRelativeMemoryAddress == target)
            {
                ConstantOffsets offsets = decoder.GetConstantOffsets(instruction);
                int displacement = BitConverter.ToInt32(code, (int)(at - start) + offsets.DisplacementOffset);
                return (at + (ulong)offsets.DisplacementOffset, displacement);
            }
        }

        throw new OtherworldException($"{Function} of this kernel does not count {Intended}: the exercise is for another kernel.", 1);
    }
}
