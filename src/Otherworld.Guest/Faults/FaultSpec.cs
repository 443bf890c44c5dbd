using System.Globalization;
using Emu.Core;

namespace Otherworld.Guest.Faults;

/// <summary>A fault, completely: the same specification in the same machine is the same fault, bit for bit.</summary>
/// <param name="Class">Name of a <see cref="FaultClass"/>.</param>
/// <param name="Site">Where: for most classes a function of the kernel, or <c>function+0x12</c> for one instruction; null lets <paramref name="Seed"/> draw it.</param>
/// <param name="Trigger">When: instructions behind the moment at which the experiment starts.</param>
/// <param name="Seed">Draws all that is left open.</param>
/// <param name="Count">How often the same mistake is made, each time at another place.</param>
public sealed record FaultSpec(string Class, string? Site, ulong Trigger, ulong Seed, int Count = 1)
{
    /// <summary>Most faults of one experiment.</summary>
    public const int MostCount = 1000;

    private const string Wanted = "wanted is CLASS[@SITE][,trigger=N][,seed=S][,count=C]";

    /// <summary>Reads <c>CLASS[@SITE][,trigger=N][,seed=S][,count=C]</c>; the trigger is 0, the seed and the count 1 when they are not said.</summary>
    /// <exception cref="OtherworldException">It is something else, or there is no such class.</exception>
    public static FaultSpec Parse(string text)
    {
        string[] parts = text.Split(',');
        int at = parts[0].IndexOf('@', StringComparison.Ordinal);
        string? site = at < 0 ? null : parts[0][(at + 1)..];
        FaultSpec spec = new(FaultClasses.Find(at < 0 ? parts[0] : parts[0][..at]).Name, site, 0, 1);
        if (site?.Length == 0)
            throw new OtherworldException($"--fault {text}: no site behind the @; {Wanted}.");
        HashSet<string> seen = [];
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=', 2);
            if (pair.Length != 2 || !seen.Add(pair[0]) || !ulong.TryParse(pair[1].Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
                throw new OtherworldException($"--fault {text}: '{part}' is no trigger=N, seed=S or count=C, or comes twice; {Wanted}.");
            spec = pair[0] switch
            {
                "trigger" => spec with { Trigger = value },
                "seed" => spec with { Seed = value },
                "count" when value is >= 1 and <= MostCount => spec with { Count = (int)value },
                "count" => throw new OtherworldException($"--fault {text}: a count is from 1 to {MostCount}."),
                _ => throw new OtherworldException($"--fault {text}: '{pair[0]}' is not known; {Wanted}."),
            };
        }

        return spec.Count == 1 || FaultClasses.Find(spec.Class).IsRepeatable ? spec : throw new OtherworldException($"--fault {text}: a kernel dies once; leave the count out.");
    }

    /// <summary>The one text that stands for it, and that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Class}{(Site is null ? "" : "@" + Site)},trigger={Trigger},seed={Seed}{(Count == 1 ? "" : ",count=" + Count.ToString(CultureInfo.InvariantCulture))}");
}
