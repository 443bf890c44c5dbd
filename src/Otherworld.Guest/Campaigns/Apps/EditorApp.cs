using System.Text.RegularExpressions;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Campaigns.Apps;

/// <summary>
/// An editor that is typed to while the fault comes. Acknowledged is the text it held before, every key it has shown, and what it said it has written. Keys
/// that were under way may be there or not; nothing else may.
/// </summary>
public sealed partial class EditorApp : ICampaignApp
{
    /// <summary>Letters that no message of an editor has, each once.</summary>
    private const string Letters = "QXZVJKHYUGWP";

    /// <summary>Typed after the death.</summary>
    private const string Afterwards = "# and then this";

    /// <summary>Instructions within which an editor that was told to save and end does so.</summary>
    private const ulong EndLimit = 200_000_000;

    private readonly Editor _editor;
    private readonly string _resume;

    private EditorApp(DemoApp story, Editor editor, string keys, string resume)
    {
        Story = story;
        _editor = editor;
        Keys = keys;
        _resume = resume;
    }

    /// <summary>Vim, which saves in the middle of it. Afterwards Escape leaves whatever it was in.</summary>
    public static EditorApp Vi { get; } = new(DemoApp.Vi, Editor.Vi, Letters[..4] + "\u001b:w\ra" + Letters[4..], "\u001b\u001bA");

    /// <summary>Joe, which has no modes.</summary>
    public static EditorApp Joe { get; } = new(DemoApp.Joe, Editor.Joe, Letters, "");

    /// <inheritdoc/>
    public string Name => DemoApps.Name(Story!.Value);

    /// <inheritdoc/>
    public DemoApp? Story { get; }

    /// <inheritdoc/>
    public string Comm => _editor.Comm;

    /// <inheritdoc/>
    public string Keys { get; }

    /// <inheritdoc/>
    public ulong Window => 40_000_000;

    /// <inheritdoc/>
    public AppCheck Check(GuestConsole console, Workload workload, IReadOnlyList<ResurrectedProcess> processes)
    {
        GuestShell shell = new(console, 0);
        if (workload.IsLookedAt && console.WaitFor(console.Lines[0], console.Lines[0].Length, GuestShell.Prompt, EndLimit) is { } ended)
            return Read(shell, workload, ended); // told to save and end by the look that the death interrupted, it has done so now
        if (_resume.Length > 0 && (!console.Type(0, _resume) || !console.Pass(20_000_000)))
            return new AppCheck(AppState.Silent, "the guest stopped while it was typed to", 0, null);
        if (shell.TypeAndWait(Afterwards[..1], Afterwards[..1]) is not { } answered)
            return new AppCheck(AppState.Silent, $"{Comm} shows no key that is typed", 0, null);
        if (shell.TypeAndWait(Afterwards[1..] + _editor.Save, GuestShell.Prompt) is null)
            return new AppCheck(AppState.Silent, $"{Comm} did not save and end: no shell prompt behind it", 0, answered);
        // The editor may have ended before the death, and the shell behind it have been typed to: what it says to that is no part of the file.
        if (workload.IsLookedAt && shell.Ask("true", out _) is { } dumb)
            return new AppCheck(AppState.Silent, dumb, 0, answered);
        return Read(shell, workload, answered);
    }

    private static AppCheck Read(GuestShell shell, Workload workload, Moment answered)
    {
        string path = EditorStory.Path(0);
        return shell.Ask($"cat {path}", out string saved) is { } silence
            ? new AppCheck(AppState.Silent, silence, 0, answered)
            : Compare(path, saved.Trim(), workload, answered);
    }

    private static AppCheck Compare(string path, string found, Workload workload, Moment answered)
    {
        string before = EditorStory.Text(0);
        string typed = LettersOf(workload.Typed);
        int shown = LettersOf(Sequence().Replace(workload.Echo, "")).Length;
        if (found.StartsWith(before, StringComparison.Ordinal) && found.EndsWith(Afterwards, StringComparison.Ordinal))
        {
            string between = found[before.Length..^Afterwards.Length];
            int letters = LettersOf(between).Length;
            string rest = between[letters..];
            // A look that the death interrupted had begun to type the same.
            bool isBegun = rest.Length == 0 || (workload.IsLookedAt && Afterwards.StartsWith(rest, StringComparison.Ordinal));
            if (letters >= shown && typed.StartsWith(between[..letters], StringComparison.Ordinal) && isBegun)
                return AppCheck.Well(answered);
        }

        string wanted = before + typed[..Math.Min(shown, typed.Length)];
        int common = 0;
        while (common < wanted.Length && common < found.Length && found[common] == wanted[common])
            common++;
        return new AppCheck(AppState.WrongData, $"{path} holds '{found}' where '{before}{typed}{Afterwards}' was typed, {shown} of the letters between shown", wanted.Length - common, answered);
    }

    /// <summary>Those of the letters that follow each other as they were to be typed.</summary>
    private static string LettersOf(string text)
    {
        int count = 0;
        foreach (char letter in text)
            count += count < Letters.Length && letter == Letters[count] ? 1 : 0;
        return Letters[..count];
    }

    /// <summary>A control sequence of ECMA-48, section 5.4.</summary>
    [GeneratedRegex(@"\x1B\[[0-?]*[ -/]*[@-~]", RegexOptions.None, 1000)]
    private static partial Regex Sequence();
}
