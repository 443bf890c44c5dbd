using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Lockstep;

namespace Fuzz.Tests.Hostile;

/// <summary>Whatever a guest does, a run of so many ticks ends in a report, in both engines the same one.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class HostileGuestTests
{
    private const ulong Length = 20_000;
    private const ulong LongestPiece = 3_000;
    private const int MostEnds = 20;

    [Test]
    public void A_hostile_guest_ends_in_a_report([Values(64, 32, 16)] int bitness) => RunGuests(bitness, first: 1, guests: 40);

    [Test]
    [Category("Slow")]
    public void A_thousand_hostile_guests_end_in_a_report([Values(64, 32, 16)] int bitness) => RunGuests(bitness, first: 1_000_000, guests: 1000);

    private static void RunGuests(int bitness, ulong first, int guests)
    {
        using HostileMachine reference = new();
        using HostileMachine subject = new();
        reference.Guest.Processor.Engine = EngineKind.Interpreter;
        subject.Guest.Processor.Engine = EngineSupport.Best;
        SortedDictionary<StopReason, int> ends = [];
        ulong instructions = 0;
        for (ulong seed = first; seed < first + (ulong)guests; seed++)
        {
            reference.Load(seed, bitness);
            subject.Load(seed, bitness);
            subject.Guest.Processor.TranslateAfter = 1 + (int)(seed % 3);
            foreach (StopReason end in RunOne(reference, subject.Guest, seed))
                ends[end] = ends.GetValueOrDefault(end) + 1;
            instructions += reference.Guest.Processor.InstructionCount;
        }

        TestContext.Out.WriteLine($"{instructions} instructions, ends: {string.Join(", ", ends.Select(pair => $"{pair.Value} {pair.Key}"))}");
        Assert.That(instructions, Is.GreaterThan((ulong)guests * 10), "the guests die before they can do harm");
    }

    /// <summary>A guest that ended is asked to go on a few times: that must be harmless too.</summary>
    private static List<StopReason> RunOne(HostileMachine reference, GuestMachine subject, ulong seed)
    {
        Dice dice = new(~seed);
        LockstepRun run = new(reference.Guest, subject, new LockstepOptions { Step = dice.Pick<ulong>(5, 100, 2000), Seed = seed, MemoryInterval = 5_000, WholeInterval = 2 });
        List<StopReason> ends = [];
        PcMachine machine = reference.Guest.Machine;
        while (machine.Clock.Now < Length && ends.Count < MostEnds && run.Divergence is null)
        {
            RunResult result = run.Run(machine.Clock.Now + (ulong)dice.Below((int)LongestPiece));
            if (result.Reason != StopReason.Limit)
                ends.Add(result.Reason);
            if (run.Divergence is null && dice.Chance(30))
                reference.Disturb(dice);
        }

        EngineDivergence? divergence = run.Finish();
        Assert.That(divergence, Is.Null, $"guest {seed}: {divergence}");
        Assert.That(ends, Has.None.EqualTo(StopReason.None));
        return ends;
    }
}
