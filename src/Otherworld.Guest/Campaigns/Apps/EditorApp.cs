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

    /// <summary>What vi says when it has saved.</summary>
    private const string Written = " written";

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
        return Read(shell, workload, answered);
    }

    /// <summary>
    /// The shell is asked with which status the editor has ended, and for the file. It may have been typed to behind an editor that ended early: what it says to that is no part of
    /// the file.
    /// </summary>
    private static AppCheck Read(GuestShell shell, Workload workload, Moment answered)
    {
        string path = EditorStory.Path(0);
        string saved = "", status = "";
        string? silence = shell.Ask("ended=$?", out _) ?? shell.Ask($"cat {path}", out saved) ?? shell.Ask("echo $ended", out status);
        return silence is not null
            ? new AppCheck(AppState.Silent, silence, 0, answered)
            : Judge(saved.Trim(), status.Trim(), workload.Typed, workload.Echo, workload.IsLookedAt, answered);
    }

    /// <summary>Compares the file with what was acknowledged.</summary>
    /// <param name="found">The file.</param>
    /// <param name="status">What the shell's last command had ended with before it was asked: the editor, or what was typed behind it.</param>
    /// <param name="typed">The keys that were typed before the fault.</param>
    /// <param name="echo">What the terminal said before the fault.</param>
    /// <param name="isLookedAt">A look that the death interrupted may have begun to type the same.</param>
    /// <param name="answered">When the editor answered.</param>
    internal static AppCheck Judge(string found, string status, string typed, string echo, bool isLookedAt, Moment? answered)
    {
        string path = EditorStory.Path(0);
        string before = EditorStory.Text(0);
        string letters = LettersOf(typed);
        int shown = LettersOf(Sequence().Replace(echo, "")).Length;
        if (found.StartsWith(before, StringComparison.Ordinal) && found.EndsWith(Afterwards, StringComparison.Ordinal))
        {
            string between = found[before.Length..^Afterwards.Length];
            int kept = LettersOf(between).Length;
            string rest = between[kept..];
            bool isBegun = rest.Length == 0 || (isLookedAt && Afterwards.StartsWith(rest, StringComparison.Ordinal));
            if (kept >= shown && letters.StartsWith(between[..kept], StringComparison.Ordinal) && isBegun)
                return AppCheck.Well(answered);
        }

        string wanted = before + letters[..Math.Min(shown, letters.Length)];
        int common = 0;
        while (common < wanted.Length && common < found.Length && found[common] == wanted[common])
            common++;
        if (status != "0" && HasWhatWasSaved(found, before, letters, typed, echo))
            return new AppCheck(AppState.Silent, $"the editor has given up, with status {status}; {path} holds what it had said it has written", 0, answered);
        return new AppCheck(AppState.WrongData, $"{path} holds '{found}' where '{before}{letters}{Afterwards}' was typed, {shown} of the letters between shown", wanted.Length - common, answered);
    }

    /// <summary>An editor that said it has written the file did so behind the last letter in front of its first Escape; and nothing but what was typed is behind that.</summary>
    private static bool HasWhatWasSaved(string found, string before, string letters, string typed, string echo)
    {
        if (!echo.Contains(Written, StringComparison.Ordinal))
            return false;
        string saved = before + LettersOf(typed[..Math.Max(typed.IndexOf('\u001b', StringComparison.Ordinal), 0)]);
        return found.StartsWith(saved, StringComparison.Ordinal) && (before + letters).StartsWith(found, StringComparison.Ordinal);
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
