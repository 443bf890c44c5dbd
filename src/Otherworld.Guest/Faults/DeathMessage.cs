namespace Otherworld.Guest.Faults;

/// <summary>What a dying kernel of ours says on the debug console: <c>ow: panic ... message="..."</c> (docs/guest-protocol.md).</summary>
internal static class DeathMessage
{
    private const string Begin = "message=\"";

    /// <summary>The message of the first death in a text; null without any.</summary>
    public static string? Read(string said)
    {
        foreach (string line in said.Split('\n'))
        {
            int at = line.IndexOf(Begin, StringComparison.Ordinal);
            if (line.StartsWith("ow: panic ", StringComparison.Ordinal) && at >= 0)
                return line[(at + Begin.Length)..].TrimEnd('\r').TrimEnd('"');
        }

        return null;
    }
}
