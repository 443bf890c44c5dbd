using Emu.Core.Devices.Virtio;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Experiments;

namespace System.Tests.Boot;

/// <summary>
/// The run loop allocates nothing, with a real kernel and real programs at work: processes, files, interrupts, page faults. Only what becomes part of
/// the machine's state is new: the disk blocks that the guest writes for the first time.
/// </summary>
public sealed class AllocationTests
{
    /// <summary>Guest ns in which every path of the load has been taken.</summary>
    private const ulong WarmUp = 400_000_000;

    private const ulong Measured = 60_000_000;

    /// <summary>A page and the head of its array.</summary>
    private const long BlockBytes = PageStore.PageSize + 24;

    private static IEnumerable<EngineKind> Engines => EngineSupport.WhyNoTranslator is null ? [EngineKind.Interpreter, EngineKind.Translator] : [EngineKind.Interpreter];

    [TestCaseSource(nameof(Engines))]
    public void A_guest_at_work_allocates_nothing_but_the_disk_blocks_it_writes(EngineKind engine)
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Otherworld, Engine = engine });
        Assert.That(run.Boot(), Is.Null);
        PcMachine machine = run.Console.Guest.Machine;
        Assert.That(run.Console.Type(0, "while :; do ls -lR /bin /data > /data/list; sync; sort /data/list | sha256sum > /data/sum; rm /data/list; done\n"), Is.True);
        Run(machine, WarmUp);
        long[] unexplained = [Measure(run.Console.Guest), Measure(run.Console.Guest)];
        Assert.That(unexplained.Min(), Is.Zero, "the table of blocks may double in one of two stretches, not in both");
    }

    /// <summary>Lets the guest work.</summary>
    /// <returns>Bytes allocated that are no disk blocks.</returns>
    private static long Measure(GuestMachine guest)
    {
        PageStore blocks = guest.Machine.Devices.OfType<VirtioBlock>().Single().Disk.Blocks;
        ulong before = guest.Processor.InstructionCount;
        int held = blocks.Count;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Run(guest.Machine, Measured);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        int written = blocks.Count - held;
        ulong retired = guest.Processor.InstructionCount - before;
        TestContext.Out.WriteLine($"{guest.Processor.Engine}: {retired:#,0} instructions, {allocated} bytes for {written} disk blocks");
        Assert.That((retired > Measured / 2, written > 0), Is.EqualTo((true, true)), "the guest is at work");
        return allocated - (written * BlockBytes);
    }

    /// <summary>Lets guest time pass, in slices as a run with a console does.</summary>
    private static void Run(PcMachine machine, ulong nanoseconds)
    {
        ulong end = machine.Clock.Now + nanoseconds;
        while (machine.Clock.Now < end)
        {
            StopReason reason = machine.Run(Math.Min(end, machine.Clock.Now + 5_000_000)).Reason;
            if (reason is not (StopReason.Limit or StopReason.Text))
                Assert.Fail($"the guest ended: {reason}"); // NUnit's other assertions allocate
        }
    }
}
