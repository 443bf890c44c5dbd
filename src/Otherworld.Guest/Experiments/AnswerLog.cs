using System.Globalization;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// What a client sent over ttyS2 to the outside, where nothing can be lost: the numbers a server answered, each the next one after the one before.
/// </summary>
/// <param name="console">The guest.</param>
public sealed class AnswerLog(GuestConsole console)
{
    private readonly GuestConsole _console = console;

    /// <summary>Bytes so far, a position for <see cref="Wait"/>.</summary>
    public int Length => _console.Lines[2].Length;

    /// <summary>Waits for whole answers.</summary>
    /// <param name="from">The position from which they count.</param>
    /// <param name="count">How many.</param>
    /// <returns>When the last of them was complete; null when it did not come.</returns>
    public Moment? Wait(int from, int count)
    {
        for (int at = from; ; count--)
        {
            if (_console.WaitFor(_console.Lines[2], at, "\n", GuestShell.AnswerLimit) is not { } seen)
                return null;
            if (count == 1)
                return seen;
            at += _console.Lines[2].From(at).IndexOf('\n', StringComparison.Ordinal) + 1;
        }
    }

    /// <summary>Whole lines that are numbers.</summary>
    public List<int> Numbers()
    {
        string text = _console.Lines[2].From(0);
        List<int> numbers = [];
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n'))
        {
            if (int.TryParse(line.Trim('\r'), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>Looks at what was answered after a death. An answer may have been on its way to the outside, so one number may be missing there; none may come twice.</summary>
    /// <param name="server">Who answered, for the text.</param>
    /// <param name="before">The numbers until then.</param>
    /// <param name="lost">Numbers given out again.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Compare(string server, IReadOnlyList<int> before, out int lost)
    {
        List<int> after = Numbers();
        int next = after[before.Count];
        int last = before.Count == 0 ? 0 : before[^1];
        lost = Math.Max(0, last - next + 1);
        if (lost > 0)
            return string.Create(CultureInfo.InvariantCulture, $"{server} had answered {last} before the crash, and answered {next} after it");
        for (int i = before.Count + 1; i < after.Count; i++)
        {
            if (after[i] != after[i - 1] + 1)
                return string.Create(CultureInfo.InvariantCulture, $"{server} answered {after[i]} after {after[i - 1]}");
        }

        return next <= last + 2 ? null : string.Create(CultureInfo.InvariantCulture, $"{server} answered {next} after {last}: requests took effect that nobody made");
    }
}
