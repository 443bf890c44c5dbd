using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Labs;

/// <summary>An exercise: it lays out a run of the student's own, asks questions of it, and knows the answers from the run itself.</summary>
public abstract class LabExercise
{
    /// <summary>All, in their order.</summary>
    public static IReadOnlyList<LabExercise> All() => [new WatchPanicLab(), new DeadTaskLab(), new ResourceLab(), new CrashPathLab(), new WildWriteLab()];

    /// <summary>Which.</summary>
    public abstract int Number { get; }

    /// <summary>What it is about.</summary>
    public abstract string Title { get; }

    /// <summary>The file under docs/labs.</summary>
    public abstract string Document { get; }

    /// <summary>What is asked; it may depend on the student.</summary>
    public abstract IReadOnlyList<LabQuestion> Questions(ulong seed);

    /// <summary>Lays it out: the run is computed and recorded. When that fails nothing is left of it.</summary>
    /// <exception cref="OtherworldException">The folder is in use, or the seed is no good for this exercise.</exception>
    public void Start(LabFolder folder, GuestImage image, ulong seed, string commit)
    {
        folder.Create();
        bool done = false;
        try
        {
            Record(folder, image, seed, commit);
            folder.Finish(this, seed);
            done = true;
        }
        finally
        {
            if (!done)
                folder.Discard();
        }
    }

    /// <summary>Looks at the answers.</summary>
    /// <returns>A mark for each question.</returns>
    /// <exception cref="OtherworldException">No exercise was started in the folder.</exception>
    public IReadOnlyList<LabMark> Check(LabFolder folder)
    {
        ulong seed = folder.Seed();
        IReadOnlyDictionary<string, string> given = folder.ReadAnswers();
        IReadOnlyDictionary<string, string> truth = Truth(folder, seed);
        return [.. Questions(seed).Select(question => Mark(question.Key, given.GetValueOrDefault(question.Key)))];

        LabMark Mark(string key, string? answer) => new(key, answer, answer is not null && (truth.TryGetValue(key, out string? right) ? Plain(answer) == Plain(right) : Works(folder, seed, key, answer)));
    }

    /// <summary>Computes and records the run.</summary>
    private protected abstract void Record(LabFolder folder, GuestImage image, ulong seed, string commit);

    /// <summary>The answers, from the run itself. What is not among them is judged by what it does.</summary>
    private protected abstract IReadOnlyDictionary<string, string> Truth(LabFolder folder, ulong seed);

    /// <summary>Tries an answer that is something to be made, not to be found.</summary>
    private protected virtual bool Works(LabFolder folder, ulong seed, string key, string answer) => throw new InvalidOperationException($"lab {Number} does not say what '{key}' is");

    /// <summary>Kills the kernel of a guest that works, at a point drawn by the seed, and waits for the next one to let the processes run.</summary>
    /// <returns>What the guest said of it on the debug console; null when no kernel came.</returns>
    private protected static string? Die(GuestConsole console, SymbolTable symbols, ulong seed, PanicKind kind)
    {
        const ulong patience = 300_000_000;
        CrashDraw draw = new(console, seed, 0);
        draw.DrawKind();
        draw.GoToPoint();
        int said = console.Debug.Length;
        new PanicInjector(console.Guest, symbols).Apply(kind);
        return console.WaitFor(console.Debug, said, "ow: gate-open", patience) is null ? null : console.Debug.From(said);
    }

    /// <summary>A guest that works, as a demo's does before its kernel is killed.</summary>
    private protected static DemoRun Working(GuestImage image, ulong seed, string? record, string commit)
    {
        DemoRun demo = new(new DemoOptions { Image = image, Seed = seed, Record = record, Commit = commit });
        if ((demo.Boot() ?? demo.StartPrograms() ?? demo.StartWork(0)) is not { } problem)
            return demo;
        demo.Dispose();
        throw new OtherworldException(problem, 1);
    }

    /// <summary>A whole demo as the exercise's run.</summary>
    private protected static void RecordDemo(LabFolder folder, GuestImage image, ulong seed, string commit)
    {
        using DemoRun demo = new(new DemoOptions { Image = image, Seed = seed, Record = folder.Run, Out = folder.Path, Commit = commit });
        DemoResult result = demo.Run();
        if (!result.Success)
            throw new OtherworldException($"with seed {seed} not everything comes back ({result.Verdict}): take another one.", 1);
    }

    /// <summary>A number as it is asked for.</summary>
    private protected static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Numbers may be grouped, and names be written as the tools print them.</summary>
    private static string Plain(string answer) => answer.Replace(",", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Trim();
}
