using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Lockstep;

/// <summary>Where and how two machines that should be equal stopped being so.</summary>
public sealed record EngineDivergence
{
    /// <summary>The latest tick at which they are known to have been equal: before the instruction that differs, when <see cref="IsExact"/>.</summary>
    public required ulong Equal { get; init; }

    /// <summary>The first tick at which they were seen to differ.</summary>
    public required ulong Different { get; init; }

    /// <summary>The difference came about again when the run was repeated from a snapshot. If not, it needs what the engine had cached by then.</summary>
    public required bool IsReproduced { get; init; }

    /// <summary>It is one instruction's.</summary>
    public bool IsExact => IsReproduced && Different == Equal + 1;

    /// <summary>What differs then, registers first.</summary>
    public required IReadOnlyList<StateDifference> Differences { get; init; }

    /// <summary>The instructions around it; the ones in question are marked.</summary>
    public required IReadOnlyList<string> Listing { get; init; }

    /// <summary>Several lines for a person.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(IsExact
            ? string.Create(CultureInfo.InvariantCulture, $"the instruction at tick {Equal:#,0} has another result:\n")
            : string.Create(CultureInfo.InvariantCulture, $"the machines are equal at tick {Equal:#,0} and differ at tick {Different:#,0}:\n"));
        foreach (StateDifference difference in Differences)
            text.Append(CultureInfo.InvariantCulture, $"  {difference}\n");
        if (!IsReproduced)
            text.Append("  (it does not come about again from a snapshot: it depends on what the engine had cached)\n");
        foreach (string line in Listing)
            text.Append(CultureInfo.InvariantCulture, $"{line}\n");
        return text.ToString();
    }
}
