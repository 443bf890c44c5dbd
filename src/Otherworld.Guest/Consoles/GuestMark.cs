namespace Otherworld.Guest.Consoles;

/// <summary>One line <c>ow: NAME key=value ...</c> of the debug console (docs/guest-protocol.md).</summary>
/// <param name="Name">First word.</param>
/// <param name="Values">The rest.</param>
public sealed record GuestMark(string Name, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Reads all whole lines of a text; what is no mark is passed over.</summary>
    public static IReadOnlyList<GuestMark> ReadAll(string text)
    {
        List<GuestMark> marks = [];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0] != "ow:")
                continue;
            var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (string word in words.Skip(2))
            {
                int equals = word.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                    values[word[..equals]] = word[(equals + 1)..];
            }

            marks.Add(new GuestMark(words[1], values));
        }

        return marks;
    }
}
