using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Lockstep;

namespace Fuzz.Tests.Programs;

/// <summary>
/// Random programs in lockstep: memory operands across pages, faults in mid-block, writes into running code, string and locked instructions, SSE and
/// x87 with every rounding, page tables changed under way, interrupts and NMIs at any tick. The seed of a program that fails is its reproduction.
/// </summary>
[Parallelizable(ParallelScope.Self)]
public sealed class RandomProgramTests
{
    private const ulong Length = 50_000;
    private const ulong NmiInterval = 4_000;

    [Test]
    public void Both_engines_run_random_programs_to_the_same_state() => RunPrograms(first: 1, instructions: 500_000);

    [Test]
    [Category("Slow")]
    public void Both_engines_run_ten_million_random_instructions_to_the_same_state() => RunPrograms(first: 1_000_000, instructions: 10_000_000);

    private static void RunPrograms(ulong first, ulong instructions)
    {
        using ProgramMachine reference = new();
        using ProgramMachine subject = new();
        reference.Guest.Processor.Engine = EngineKind.Interpreter;
        subject.Guest.Processor.Engine = EngineSupport.Best;
        ulong done = 0;
        int programs = 0;
        SortedDictionary<StopReason, int> ends = [];
        for (ulong seed = first; done < instructions; seed++)
        {
            Assert.That(++programs, Is.LessThan(2 * instructions / Length * 10), "programs end too soon to mean anything");
            StopReason end = RunOne(reference, subject, seed);
            ends[end] = ends.GetValueOrDefault(end) + 1;
            done += reference.Guest.Processor.InstructionCount;
        }

        Assert.That(subject.Guest.Processor.Translated, EngineSupport.CanTranslate ? Is.GreaterThan((ulong)programs * 10) : Is.Zero, "little of it became host code");
        TestContext.Out.WriteLine($"{subject.Guest.Processor.Translated} blocks became host code");
        TestContext.Out.WriteLine($"{programs} programs, {done} instructions, ends: {string.Join(", ", ends.Select(pair => $"{pair.Value} {pair.Key}"))}");
    }

    /// <summary>Runs one program, cut in steps of a length that differs from program to program, with an NMI now and then.</summary>
    private static StopReason RunOne(ProgramMachine reference, ProgramMachine subject, ulong seed)
    {
        reference.Load(seed);
        subject.Load(seed);
        Dice dice = new(~seed);
        subject.Guest.Processor.TranslateAfter = dice.Pick<int>(1, 2, 24);
        LockstepRun run = new(reference.Guest, subject.Guest, new LockstepOptions { Step = dice.Pick<ulong>(7, 100, 400, 2000), Seed = seed, MemoryInterval = 10_000, WholeInterval = 2 });
        PcMachine machine = reference.Guest.Machine;
        RunResult result = new(StopReason.Limit);
        while (result.Reason == StopReason.Limit && machine.Clock.Now < Length)
        {
            result = run.Run(machine.Clock.Now + (ulong)dice.Below((int)NmiInterval));
            if (result.Reason == StopReason.Limit)
                machine.Inject(InputSource.Nmi, default);
        }

        EngineDivergence? divergence = run.Finish();
        Assert.That(divergence, Is.Null, $"program {seed}: {divergence}");
        return result.Reason;
    }
}
