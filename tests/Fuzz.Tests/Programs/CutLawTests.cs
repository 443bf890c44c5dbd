using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Fuzz.Tests.Programs;

/// <summary>The law of cuts: a run in one piece ends like one in random pieces, in single steps, and with snapshots taken and gone back to under way.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class CutLawTests
{
    private const ulong Length = 20_000;
    private const int Programs = 40;

    public static IEnumerable<EngineKind> Engines => EngineSupport.CanTranslate ? [EngineKind.Interpreter, EngineKind.Translator] : [EngineKind.Interpreter];

    [Test]
    public void Single_steps_change_nothing([ValueSource(nameof(Engines))] EngineKind engine) =>
        Compare(engine, (machine, tick, _) => machine.Run(Math.Min(tick, machine.Clock.Now + 1)));

    [Test]
    public void Random_pieces_change_nothing([ValueSource(nameof(Engines))] EngineKind engine) =>
        Compare(engine, (machine, tick, dice) => machine.Run(Math.Min(tick, machine.Clock.Now + 1 + (ulong)dice.Below(dice.Chance(50) ? 20 : 1000))));

    [Test]
    public void Snapshots_and_detours_that_are_taken_back_change_nothing([ValueSource(nameof(Engines))] EngineKind engine) => Compare(engine, (machine, tick, dice) =>
    {
        MemorySnapshot snapshot = MemorySnapshot.Take(machine);
        if (dice.Chance(50))
        {
            machine.Run(machine.Clock.Now + (ulong)dice.Below(700));
            snapshot.Restore(machine);
        }

        return machine.Run(Math.Min(tick, machine.Clock.Now + 1 + (ulong)dice.Below(1500)));
    });

    /// <summary>Runs programs in both ways, with NMIs at the same ticks.</summary>
    /// <param name="engine">What runs them.</param>
    /// <param name="advance">Goes some way towards a tick.</param>
    private static void Compare(EngineKind engine, Func<PcMachine, ulong, Dice, RunResult> advance)
    {
        using ProgramMachine whole = new();
        using ProgramMachine cut = new();
        whole.Guest.Processor.Engine = cut.Guest.Processor.Engine = engine;
        for (ulong seed = 5000; seed < 5000 + Programs; seed++)
        {
            Dice dice = new(seed);
            ulong[] interrupts = [.. Enumerable.Range(0, 6).Select(_ => (ulong)dice.Below((int)Length)).Order(), Length];
            whole.Load(seed);
            foreach (ulong tick in interrupts[..^1])
                whole.Guest.Machine.Inject(new InputEvent(tick, InputSource.Nmi, default));
            RunResult expected = whole.Guest.Machine.Run(Length);

            cut.Load(seed);
            RunResult actual = RunInPieces(cut.Guest.Machine, interrupts, tick => advance(cut.Guest.Machine, tick, dice));
            Assert.Multiple(() =>
            {
                Assert.That(actual, Is.EqualTo(expected), $"program {seed}");
                Assert.That(State(cut.Guest), Is.EqualTo(State(whole.Guest)), $"program {seed}");
            });
        }
    }

    private static RunResult RunInPieces(PcMachine machine, ulong[] interrupts, Func<ulong, RunResult> advance)
    {
        RunResult result = new(StopReason.Limit);
        foreach (ulong tick in interrupts)
        {
            while (machine.Clock.Now < tick && result.Reason == StopReason.Limit)
                result = advance(tick);
            if (result.Reason != StopReason.Limit)
                return result;
            if (tick >= Length)
                continue;
            machine.Inject(InputSource.Nmi, default);
            result = machine.Run(tick); // applies it: what still waits is no part of a snapshot
        }

        return result;
    }

    private static string State(GuestMachine guest) => $"{guest.Machine.StateHash():x16} after {guest.Processor.InstructionCount} instructions";
}
