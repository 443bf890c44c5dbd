using Emu.Core;

namespace Otherworld.Guest.Campaigns;

/// <summary>Parts of a run, as instruction counts, numbered through: the k-th instruction of all of them.</summary>
public sealed class InstructionSpans
{
    private readonly List<(ulong Start, ulong End, ulong Before)> _spans = [];

    /// <summary>Instructions in all of them.</summary>
    public ulong Total { get; private set; }

    /// <summary>Adds a part behind all others.</summary>
    /// <param name="start">First boundary.</param>
    /// <param name="end">The boundary behind the last.</param>
    public void Add(ulong start, ulong end)
    {
        if (start >= end)
            return;
        Check.That(_spans.Count == 0 || start >= _spans[^1].End, "spans in order");
        _spans.Add((start, end, Total));
        Total += end - start;
    }

    /// <summary>The instruction count at which the k-th of them is next.</summary>
    /// <param name="k">From 0, below <see cref="Total"/>.</param>
    public ulong At(ulong k)
    {
        Check.That(k < Total);
        int low = 0;
        int high = _spans.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_spans[middle].Before <= k)
                low = middle;
            else
                high = middle - 1;
        }

        return _spans[low].Start + (k - _spans[low].Before);
    }
}
