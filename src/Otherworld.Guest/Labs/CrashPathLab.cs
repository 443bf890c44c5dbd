using System.Globalization;
using Emu.Core;
using Emu.Core.Machine;
using Iced.Intel;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Labs;

/// <summary>Lab 4: one call of the crash path is missing, so that no kernel comes after the one that dies. The student finds and mends it; the grader lets the mended kernel die.</summary>
internal sealed class CrashPathLab : LabExercise
{
    private const int LongestFunction = 1 << 11;
    private const int LongestRepair = 64;

    /// <summary>Calls without which no kernel comes: who calls whom.</summary>
    private static readonly (string Function, string Callee)[] Calls = [("ow_crash", "ow_switch_stack"), ("ow_crash_run", "ow_leave"), ("ow_switch_stack", "ow_crash_run")];

    /// <summary>What stands in the place of a call: NOP DWORD PTR [RAX+RAX+00H] (SDM 2B, NOP).</summary>
    private static readonly byte[] Nothing = [0x0F, 0x1F, 0x44, 0x00, 0x00];

    /// <inheritdoc/>
    public override int Number => 4;

    /// <inheritdoc/>
    public override string Title => "break the crash path and repair it";

    /// <inheritdoc/>
    public override string Document => "4-repair-the-crash-path.md";

    /// <inheritdoc/>
    public override IReadOnlyList<LabQuestion> Questions(ulong seed) =>
    [
        new("function", "In which function of the crash path was an instruction taken out? (Its name alone.)"),
        new("callee", "Which function does the instruction call that stood there?"),
        new("repair", "Which bytes have to be written where? (ADDRESS: BYTES, for example 0xffffffff81000000: e8 00 01 02 03) The grader writes them and kills the kernel in three ways."),
    ];

    /// <inheritdoc/>
    private protected override void Record(LabFolder folder, GuestImage image, ulong seed, string commit)
    {
        var symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        using DemoRun demo = Working(image, seed, folder.Run, commit);
        Break(demo.Console, symbols, seed);
        demo.Console.Guest.Save(folder.Before, commit, "before the event");
        if (Die(demo.Console, symbols, seed, PanicKind.Bug) is not null)
            throw new OtherworldException("this kernel comes back without that call: the exercise is for another one.", 1);
        demo.Console.FinishRecording();
        folder.Remember(image);
    }

    /// <inheritdoc/>
    private protected override IReadOnlyDictionary<string, string> Truth(LabFolder folder, ulong seed)
    {
        (string function, string callee) = Chosen(seed);
        return new Dictionary<string, string> { ["function"] = function, ["callee"] = callee };
    }

    /// <inheritdoc/>
    private protected override bool Works(LabFolder folder, ulong seed, string key, string answer)
    {
        if (!TryParse(answer, out ulong address, out byte[] bytes))
            return false;
        GuestImage image = folder.Image();
        var symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        using DemoRun demo = Working(image, seed, null, "");
        Break(demo.Console, symbols, seed);
        if (!Write(demo.Console, address, bytes))
            return false;
        GuestMoment before = demo.Console.Mark();
        foreach (PanicKind kind in (PanicKind[])[PanicKind.Bug, PanicKind.StackOverflow, PanicKind.NullDeref])
        {
            if (Die(demo.Console, symbols, seed + (ulong)kind, kind) is not { } said || !GuestMark.ReadAll(said).Any(mark => mark.Name == "resurrected" && mark.Values.GetValueOrDefault("comm") == "counter"))
                return false;
            demo.Console.Rewind(before);
        }

        return true;
    }

    private static (string Function, string Callee) Chosen(ulong seed) => Calls[seed % (ulong)Calls.Length];

    private static void Break(GuestConsole console, SymbolTable symbols, ulong seed)
    {
        (string function, string callee) = Chosen(seed);
        if (!Write(console, Find(new KernelMemory(console.Guest.Machine.Memory, console.Guest.Processor), symbols, function, callee), Nothing))
            throw new OtherworldException($"{function} is not mapped: the exercise is for another kernel.", 1);
    }

    private static bool Write(GuestConsole console, ulong address, byte[] bytes)
    {
        if (new KernelMemory(console.Guest.Machine.Memory, console.Guest.Processor).Patch(address, bytes) is not { } patches)
            return false;
        foreach (MemoryPatch patch in patches)
            console.Guest.Machine.InjectNow(InputSource.Memory, patch.ToInput());
        return true;
    }

    /// <summary>Where a function calls another.</summary>
    private static ulong Find(KernelMemory memory, SymbolTable symbols, string function, string callee)
    {
        (ulong start, ulong target) = (symbols.AddressOf(function), symbols.AddressOf(callee));
        byte[] code = new byte[LongestFunction];
        for (int i = 0; i < code.Length; i++)
            memory.TryRead(start + (ulong)i, out code[i]);
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code), start);
        while (decoder.IP < start + LongestFunction - 16)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.Code == Code.Call_rel32_64 && instruction.NearBranchTarget == target)
                return instruction.IP;
        }

        throw new OtherworldException($"{function} of this kernel does not call {callee}: the exercise is for another kernel.", 1);
    }

    private static bool TryParse(string text, out ulong address, out byte[] bytes)
    {
        (address, bytes) = (0, []);
        string[] parts = text.Split(':', 2, StringSplitOptions.TrimEntries);
        string hex = parts[^1].Replace(" ", "", StringComparison.Ordinal);
        if (parts.Length != 2 || !parts[0].StartsWith("0x", StringComparison.OrdinalIgnoreCase) || hex.Length is 0 or > 2 * LongestRepair || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
            return false;
        bytes = Convert.FromHexString(hex);
        return ulong.TryParse(parts[0].AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address);
    }
}
