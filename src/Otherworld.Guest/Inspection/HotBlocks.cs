using Emu.Core.Machine;
using Emu.X86.Interpreter;
using Emu.X86.State;
using Emu.X86.Translator;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Inspection;

/// <summary>
/// Finds the translated blocks in which a guest spends its instructions: looks where it is after each so many ticks. The machine cannot tell, since a run may be
/// cut anywhere; and the host code is the very one that runs otherwise, without counters.
/// </summary>
/// <param name="guest">The machine, with the translator.</param>
public sealed class HotBlocks(GuestMachine guest)
{
    /// <summary>Ticks between two samples; a prime, so that loops do not keep step with it.</summary>
    public const ulong Interval = 10_007;

    private const int MostSteps = 64;
    private const ulong LongestInstruction = 15;
    private const ulong LongestBlock = BlockCache.MaxInstructions * LongestInstruction;

    private readonly GuestMachine _guest = guest;
    private readonly KernelMemory _memory = new(guest.Machine.Memory, guest.Processor);
    private readonly SortedDictionary<ulong, (ulong Rip, int Count)> _samples = [];

    /// <summary>Times at which the guest was looked at and not halted.</summary>
    public int Samples { get; private set; }

    /// <summary>Runs to a limit, or until something ends the run.</summary>
    public RunResult Run(RunLimit limit)
    {
        RunLimit end = limit.From(_guest);
        RunResult result = new(StopReason.Limit);
        while (result.Reason == StopReason.Limit && !end.IsReached(_guest))
        {
            result = _guest.Machine.Run(end.NextTick(_guest, Interval));
            Take();
            if (result.Reason == StopReason.Limit)
                result = StepToBranch(end);
        }

        return result;
    }

    /// <summary>The blocks with most samples, most first. Of several blocks that hold an instruction, the sample counts for the one that starts last.</summary>
    public IReadOnlyList<HotBlock> Hottest(int most)
    {
        TranslatedBlock[] blocks = [.. _guest.Processor.TranslatedBlocks().Where(block => block.IsCurrent).OrderBy(block => block.Start)];
        ulong[] starts = [.. blocks.Select(block => block.Start)];
        var hot = new HotBlock?[blocks.Length];
        foreach ((ulong place, (ulong rip, int count)) in _samples)
        {
            int at = HolderOf(place, blocks, starts);
            if (at >= 0)
                hot[at] = new HotBlock(blocks[at], rip - (place - starts[at]), count + (hot[at]?.Samples ?? 0));
        }

        return [.. hot.OfType<HotBlock>().OrderByDescending(block => block.Samples).ThenBy(block => block.Block.Start).Take(most)];
    }

    /// <summary>The last block in the order of starts that holds a place; one of a single instruction, which may stem from our steps, only if there is no other. -1 for none.</summary>
    private static int HolderOf(ulong place, TranslatedBlock[] blocks, ulong[] starts)
    {
        int single = -1;
        int at = Array.BinarySearch(starts, place);
        for (at = at < 0 ? ~at - 1 : at; at >= 0 && place - starts[at] < LongestBlock; at--)
        {
            if (place - starts[at] >= (ulong)blocks[at].GuestBytes)
                continue;
            if (blocks[at].Instructions > 1)
                return at;
            single = at;
        }

        return single;
    }

    /// <summary>Goes on to where a block starts anyway: to start in the middle of one would make new blocks hot that are not there otherwise.</summary>
    private RunResult StepToBranch(RunLimit end)
    {
        RunResult result = new(StopReason.Limit);
        bool straight = true;
        for (int i = 0; i < MostSteps && straight && result.Reason == StopReason.Limit && !end.IsReached(_guest); i++)
        {
            ulong rip = _guest.Processor.State.Rip;
            result = _guest.Machine.Run(end.NextTick(_guest, most: 1));
            straight = _guest.Processor.State.Rip - rip <= LongestInstruction;
        }

        return result;
    }

    private void Take()
    {
        ref CpuState state = ref _guest.Processor.State;
        if (state.Halted != 0)
            return;
        Samples++;
        if ((state.Efer & ControlBits.EferLma) == 0)
            return; // only 64-bit code is translated
        if (!_memory.TryTranslate(state.Rip, out ulong physical) || !_guest.Machine.Memory.TryOffset(physical, out ulong offset))
            return;
        (ulong _, int count) = _samples.GetValueOrDefault(offset);
        _samples[offset] = (state.Rip, count + 1);
    }
}
