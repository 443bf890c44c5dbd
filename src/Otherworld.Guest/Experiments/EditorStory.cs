using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// An editor on ttyS0 with text that is not saved, and load on ttyS1. After the death one goes on typing, saves, and reads the file: every character
/// that the editor had shown must be in it.
/// </summary>
/// <param name="console">The guest.</param>
/// <param name="editor">Which editor.</param>
public sealed class EditorStory(GuestConsole console, Editor editor) : IDemoStory
{
    private const ulong WarmUp = 300_000_000;

    /// <summary>Occurs nowhere else, so that its echo is the answer to its key.</summary>
    private const string FirstKey = "#";

    private readonly GuestConsole _console = console;
    private readonly Editor _editor = editor;
    private readonly GuestShell _shell = new(console, 0);
    private readonly GuestShell _other = new(console, 1);
    private int _lost;

    /// <inheritdoc/>
    public int? LostOperations => _lost;

    /// <inheritdoc/>
    public Moment? Answered { get; private set; }

    /// <inheritdoc/>
    public string? Prepare(Action<string, Moment> enter) => null;

    /// <inheritdoc/>
    public string? StartWork(int crash)
    {
        if (_shell.TypeAndWait($"{_editor.Command} {Path(crash)}\n", _editor.Ready) is null || !_console.Pass(50_000_000))
            return $"{_editor.Command} does not start";
        string text = Text(crash);
        if (_shell.TypeAndWait(_editor.Begin + text, text[^1..]) is null || !_console.Pass(50_000_000))
            return $"{_editor.Command} does not show what is typed";
        if (!_console.Type(1, "load -d /work/load -r 0 cpu file fork fault pipe &\n") || !_console.Pass(WarmUp))
            return "the guest stopped while its load warmed up";
        return null;
    }

    /// <inheritdoc/>
    public string? Verify(int crash, bool last, IReadOnlyList<ResurrectedProcess> processes, out IReadOnlyList<ResurrectedProcess> judged)
    {
        string? editor = CheckEditor(crash, processes);
        string? shells = _shell.CheckAlive() ?? _other.CheckAlive();
        judged =
        [
            .. processes.Select(process => process.Comm == _editor.Comm ? process with { Check = editor ?? "correct" }
                : process.Comm == "bash" ? process with { Check = shells ?? "correct" } : process),
        ];
        return editor ?? shells;
    }

    private string? CheckEditor(int crash, IReadOnlyList<ResurrectedProcess> processes)
    {
        Answered = null;
        if (processes.FirstOrDefault(process => process.Comm == _editor.Comm) is not { Outcome: "ok" } there)
        {
            _lost += Text(crash).Length;
            return $"{_editor.Comm} did not come back: {processes.FirstOrDefault(process => process.Comm == _editor.Comm)?.Outcome ?? "it was not among the dead"}";
        }

        Answered = _shell.TypeAndWait(FirstKey, FirstKey);
        if (Answered is null)
            return $"{there.Comm} shows no character that is typed after the crash";
        if (_shell.TypeAndWait(" and then this" + _editor.Save, GuestShell.Prompt) is null)
            return $"{there.Comm} did not save and end: no shell prompt behind it";
        if (_shell.Ask($"cat {Path(crash)}", out string saved) is { } silence)
            return silence;
        string wanted = $"{Text(crash)}{FirstKey} and then this";
        string found = saved.Trim();
        if (found == wanted)
            return null;
        int common = 0;
        while (common < Text(crash).Length && common < found.Length && found[common] == wanted[common])
            common++;
        _lost += Text(crash).Length - common;
        return $"{Path(crash)} holds '{found}' where '{wanted}' was typed";
    }

    /// <summary>The file that is edited.</summary>
    internal static string Path(int crash) => $"/work/notes-{crash + 1}.txt";

    /// <summary>What is typed before a death; it ends in a character that is in it once.</summary>
    internal static string Text(int crash) => $"typed before crash {crash + 1} and saved only after it!";
}
