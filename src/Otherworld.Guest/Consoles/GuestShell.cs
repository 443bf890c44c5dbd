namespace Otherworld.Guest.Consoles;

/// <summary>A shell of the guest at its prompt on a serial line.</summary>
/// <param name="console">The guest.</param>
/// <param name="line">Number of the line.</param>
public sealed class GuestShell(GuestConsole console, int line)
{
    /// <summary>What both shells of the guest say when they wait for a command.</summary>
    public const string Prompt = "otherworld# ";

    /// <summary>Instructions an answer may take.</summary>
    public const ulong AnswerLimit = 600_000_000;

    private readonly GuestConsole _console = console;
    private readonly int _line = line;

    /// <summary>What the line said, all of it.</summary>
    public Transcript Said => _console.Lines[_line];

    /// <summary>Gives the shell a command and takes what it prints.</summary>
    /// <param name="command">The command, without its end of line.</param>
    /// <param name="answer">What it printed, with carriage returns, and without what the kernel said meanwhile.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Ask(string command, out string answer)
    {
        int said = Said.Length;
        answer = "";
        string end = $"end-of-{_line}-{said}";
        if (!_console.Type(_line, $"{command}; echo end-of-{_line}-$(({said}))\n") || _console.WaitFor(Said, said, end, AnswerLimit) is null)
            return $"the shell on ttyS{_line} does not answer '{command}'";
        answer = AnswerIn(Said.From(said), end);
        return null;
    }

    /// <summary>What a command printed: behind the line it was typed in, up to a mark that stands there only once.</summary>
    internal static string AnswerIn(string said, string end)
    {
        // The kernel may be in the middle of a line of its own where the mark comes.
        string text = KernelMessages.Without(said[..said.IndexOf(end, StringComparison.Ordinal)]);
        return text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>Types and waits for a text.</summary>
    /// <returns>When the text was complete; null when it did not come.</returns>
    public Moment? TypeAndWait(string keys, string text)
    {
        int said = Said.Length;
        return _console.Type(_line, keys) ? _console.WaitFor(Said, said, text, AnswerLimit) : null;
    }

    /// <summary>Lets the shell compute something.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? CheckAlive() =>
        Ask("echo alive $((6*7))", out string answer) ?? (answer.Contains("alive 42", StringComparison.Ordinal) ? null : $"the shell on ttyS{_line} answered '{answer.Trim()}'");
}
