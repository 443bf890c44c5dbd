using System.Globalization;
using System.Text.RegularExpressions;
using Emu.Core;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Labs;

/// <summary>
/// Lab 3: how often a process gave the processor away (<c>voluntary_ctxt_switches</c>) does not outlive a kernel. The student teaches it to; the grader lets the student's kernel die.
/// </summary>
internal sealed class ResourceLab : LabExercise
{
    private const string Look = "grep ^voluntary /proc/$$/status";
    private const int FewestRounds = 60;
    private const int MoreRounds = 60;

    /// <summary>More switches than a shell makes from its return to its next answer.</summary>
    private const int MostOwn = 40;

    /// <inheritdoc/>
    public override int Number => 3;

    /// <inheritdoc/>
    public override string Title => "add a resource to the resurrection";

    /// <inheritdoc/>
    public override string Document => "3-add-a-resource.md";

    /// <inheritdoc/>
    public override IReadOnlyList<LabQuestion> Questions(ulong seed) =>
    [
        new("before", "What does /proc say that voluntary_ctxt_switches of the shell on ttyS1 is, just before its kernel dies?"),
        new("after", "And when it has come back?"),
        new("member", "Which member of struct task_struct is that number?"),
        new("image", "In which folder is the image with your kernel, which brings the number back? (./otherworld image list) The grader lets it die in two ways."),
    ];

    /// <inheritdoc/>
    private protected override void Record(LabFolder folder, GuestImage image, ulong seed, string commit)
    {
        var symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        using DemoRun demo = Working(image, seed, folder.Run, commit);
        int before = Prepare(demo.Console, seed);
        demo.Console.Guest.Save(folder.Before, commit, "before the event");
        if (Die(demo.Console, symbols, seed, PanicKind.Bug) is null)
            throw new OtherworldException($"with seed {seed} no kernel comes back: take another one.", 1);
        int after = Count(demo.Console);
        if (after >= before)
            throw new OtherworldException("this kernel brings the number back already: start with the image of the unchanged sources.", 1);
        demo.Console.FinishRecording();
        folder.Remember("before", Text((ulong)before));
        folder.Remember("after", Text((ulong)after));
    }

    /// <inheritdoc/>
    private protected override IReadOnlyDictionary<string, string> Truth(LabFolder folder, ulong seed) => new Dictionary<string, string>
    {
        ["before"] = folder.Recall("before"),
        ["after"] = folder.Recall("after"),
        ["member"] = "nvcsw",
    };

    /// <inheritdoc/>
    private protected override bool Works(LabFolder folder, ulong seed, string key, string answer)
    {
        // A folder without an image is a wrong answer like any other, beside which the others count; a damaged image is said.
        if (!File.Exists(Path.Combine(answer, ImageManifest.FileName)))
            return false;
        var image = GuestImage.Open(answer);
        var symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        using DemoRun demo = Working(image, seed, null, "");
        int before = Prepare(demo.Console, seed);
        GuestMoment there = demo.Console.Mark();
        foreach (PanicKind kind in (PanicKind[])[PanicKind.Bug, PanicKind.NullDeref])
        {
            if (Die(demo.Console, symbols, seed + (ulong)kind, kind) is null || Count(demo.Console) - before is < 0 or > MostOwn)
                return false;
            demo.Console.Rewind(there);
        }

        return true;
    }

    /// <summary>Makes the shell wait for children as often as the seed says.</summary>
    /// <returns>Its number then.</returns>
    private static int Prepare(GuestConsole console, ulong seed)
    {
        ulong rounds = FewestRounds + (seed % MoreRounds);
        if (new GuestShell(console, 1).Ask(string.Create(CultureInfo.InvariantCulture, $"i=0; while [ $i -lt {rounds} ]; do cat /dev/null; i=$((i+1)); done"), out _) is { } problem)
            throw new OtherworldException(problem, 1);
        return Count(console);
    }

    private static int Count(GuestConsole console)
    {
        string? problem = new GuestShell(console, 1).Ask(Look, out string answer);
        Match match = Regex.Match(answer, @"voluntary_ctxt_switches:\s+(\d+)", RegexOptions.NonBacktracking);
        return problem is null && match.Success
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new OtherworldException(problem ?? $"the guest does not say how often its shell waited: '{answer.Trim()}'", 1);
    }
}
