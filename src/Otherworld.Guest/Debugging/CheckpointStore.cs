namespace Otherworld.Guest.Debugging;

/// <summary>
/// Checkpoints in the order of the run, within a bound of memory. When it is exceeded, those go that are missed least: the farther from where
/// the run stands, the wider the gaps.
/// </summary>
/// <param name="limit">Most bytes.</param>
internal sealed class CheckpointStore(long limit)
{
    private readonly long _limit = limit;
    private readonly List<Checkpoint> _checkpoints = [];
    private readonly Dictionary<object, int> _uses = new(ReferenceEqualityComparer.Instance);

    /// <summary>Bytes in use.</summary>
    public long Bytes { get; private set; }

    /// <summary>All, in the order of the run; the first is where it began.</summary>
    public IReadOnlyList<Checkpoint> All => _checkpoints;

    /// <summary>Adds one.</summary>
    /// <param name="checkpoint">Where the run stands.</param>
    public void Add(Checkpoint checkpoint)
    {
        _checkpoints.Insert(IndexAtOrBefore(checkpoint.InstructionCount) + 1, checkpoint);
        foreach ((object piece, long bytes) in checkpoint.Pieces())
        {
            int uses = _uses.GetValueOrDefault(piece);
            _uses[piece] = uses + 1;
            Bytes += uses == 0 ? bytes : 0;
        }

        while (Bytes > _limit && _checkpoints.Count > 2)
            RemoveAt(LeastMissed(checkpoint.InstructionCount));
    }

    /// <summary>The index of the last one at or before an instruction; -1 if there is none.</summary>
    public int IndexAtOrBefore(ulong instructionCount)
    {
        int index = _checkpoints.Count - 1;
        while (index >= 0 && _checkpoints[index].InstructionCount > instructionCount)
            index--;
        return index;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _checkpoints.Clear();
        _uses.Clear();
        Bytes = 0;
    }

    private int LeastMissed(ulong here)
    {
        int least = 1;
        double lowest = double.MaxValue;
        for (int i = 1; i < _checkpoints.Count; i++)
        {
            if (_checkpoints[i].InstructionCount == here)
                continue;
            ulong at = _checkpoints[i].InstructionCount;
            ulong next = i + 1 < _checkpoints.Count ? _checkpoints[i + 1].InstructionCount : at;
            double gap = next - _checkpoints[i - 1].InstructionCount;
            double distance = (at > here ? at - here : here - at) + 1.0;
            if (gap / distance < lowest)
            {
                lowest = gap / distance;
                least = i;
            }
        }

        return least;
    }

    private void RemoveAt(int index)
    {
        foreach ((object piece, long bytes) in _checkpoints[index].Pieces())
        {
            if (--_uses[piece] > 0)
                continue;
            _uses.Remove(piece);
            Bytes -= bytes;
        }

        _checkpoints.RemoveAt(index);
    }
}
