namespace Otherworld.Guest.Experiments;

/// <summary>How one editor is used.</summary>
/// <param name="Command">What starts it, without the file.</param>
/// <param name="Comm">Its name in the list of processes.</param>
/// <param name="Ready">It has shown this when it takes keys.</param>
/// <param name="Begin">Keys before text can be typed.</param>
/// <param name="Save">Keys that save and end.</param>
public sealed record Editor(string Command, string Comm, string Ready, string Begin, string Save)
{
    /// <summary>Vim: the text is in insert mode until Escape.</summary>
    public static Editor Vi { get; } = new("vi", "vi", "~", "i", "\u001b:wq\r");

    /// <summary>Joe: ^K X saves and ends.</summary>
    public static Editor Joe { get; } = new("joe", "joe", "Joe's Own Editor", "", "\u000bx");
}
