using Emu.Core.Machine;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Lockstep;

namespace Otherworld.Guest.Tests.Lockstep;

/// <summary>A second machine that goes wrong on purpose: what differs is named, and the instruction that made it so.</summary>
public sealed class LockstepRunTests
{
    private const ulong Origin = 0x10_0000;
    private const ulong End = 2_000_000;

    /// <summary>Instructions of one round of <see cref="Program"/>.</summary>
    private const ulong Round = 9;

    /// <summary>Mixes a walk over 1 MiB of memory into EAX for ever, round by round; registers and memory depend on all that was before.</summary>
    private static readonly byte[] Program =
    [
        0x05, 0xB1, 0x79, 0x37, 0x9E,             // 00 again: add eax, 9E3779B1h
        0x31, 0x03,                               // 05 xor [ebx], eax
        0x03, 0x03,                               // 07 add eax, [ebx]
        0x01, 0xC3,                               // 09 add ebx, eax
        0x81, 0xE3, 0xFC, 0xFF, 0x0F, 0x00,       // 0b and ebx, 0FFFFCh
        0x81, 0xCB, 0x00, 0x00, 0x20, 0x00,       // 11 or ebx, 200000h
        0x31, 0xC9,                               // 17 xor ecx, ecx
        0x85, 0xC0,                               // 19 test eax, eax
        0xEB, 0xE3,                               // 1b jmp again
    ];

    [Test]
    public void Equal_machines_run_to_the_end([Values(1UL, 50UL, 1000UL)] ulong step)
    {
        using GuestMachine reference = Boot();
        using GuestMachine subject = Boot();
        LockstepRun run = new(reference, subject, new LockstepOptions { Step = step, MemoryInterval = 100_000, WholeInterval = 3 });
        Assert.Multiple(() =>
        {
            Assert.That(run.Run(End).Reason, Is.EqualTo(StopReason.Limit));
            Assert.That(run.Finish(), Is.Null);
            Assert.That(run.Steps, Is.InRange(End / (2 * step), End));
            Assert.That(subject.Machine.StateHash(), Is.EqualTo(reference.Machine.StateHash()));
        });
    }

    [Test]
    public void A_wrong_register_is_named_with_the_instruction_that_made_it_wrong([Values(17UL, 123_456UL, 1_999_998UL)] ulong round)
    {
        ulong tick = round / Round * Round; // the first instruction of a round
        EngineDivergence divergence = Find(tick, guest => guest.Processor.State.Registers()[(int)GeneralRegister.Rdx] ^= 0x10);
        Assert.Multiple(() =>
        {
            Assert.That(divergence.IsExact);
            Assert.That(divergence.Equal, Is.EqualTo(tick));
            Assert.That(divergence.Differences, Is.EqualTo(new[] { new StateDifference("RDX", "0000000000000000", "0000000000000010") }));
            Assert.That(divergence.Listing, Has.One.StartsWith("=>").And.One.Match(@"^=> 0000000000100000 .*add eax,9E3779B1h$"));
        });
    }

    [Test]
    public void A_wrong_flag_is_named()
    {
        const ulong test = (1000 * Round) + 7;
        EngineDivergence divergence = Find(test + 1, guest => guest.Processor.State.Rflags ^= Rflags.Sf | Rflags.Df);
        Assert.Multiple(() =>
        {
            Assert.That(divergence.IsExact);
            Assert.That(divergence.Differences.Select(difference => difference.Name), Is.EqualTo(new[] { "RFLAGS.SF", "RFLAGS.DF" }));
            Assert.That(divergence.Listing, Has.One.Match("^=> 000000000010001b .*jmp"));
        });
    }

    /// <summary>The value that is overwritten is not looked at by the program again, so no register shows the difference.</summary>
    [Test]
    public void A_wrong_byte_is_named_by_its_address_though_no_register_shows_it([Values(5UL, 1_234_567UL)] ulong tick)
    {
        EngineDivergence divergence = Find(tick, guest => guest.Machine.Memory.Write(0x50_0123, (byte)0xA5));
        Assert.Multiple(() =>
        {
            Assert.That(divergence.IsExact);
            Assert.That(divergence.Equal, Is.EqualTo(tick));
            Assert.That(divergence.Differences, Is.EqualTo(new[] { new StateDifference("ram 0x00500123", "0000000000000000", "a500000000000000") }));
        });
    }

    /// <summary>A frame that both wrote before and only one writes now is looked at only at the longer intervals.</summary>
    [Test]
    public void A_wrong_byte_in_a_frame_written_long_before_is_found_in_the_end()
    {
        using GuestMachine reference = Boot();
        using GuestMachine subject = Boot();
        foreach (GuestMachine guest in new[] { reference, subject })
            guest.Machine.Memory.Write(0x50_0000, 1);
        LockstepRun run = new(reference, subject, new LockstepOptions
        {
            MemoryInterval = 100_000,
            WholeInterval = 7,
            Mistake = new DeliberateMistake(1_500_001, guest => guest.Machine.Memory.Write(0x50_0040, (byte)7)),
        });
        run.Run(End);
        EngineDivergence? divergence = run.Finish();
        Assert.Multiple(() =>
        {
            Assert.That(divergence?.Equal, Is.EqualTo(1_500_001));
            Assert.That(divergence?.Differences.Single().Name, Is.EqualTo("ram 0x00500040"));
        });
    }

    [Test]
    public void A_wrong_device_is_named_by_its_field()
    {
        EngineDivergence divergence = Find(777_777, guest => guest.Machine.Parts.Bus.WritePort(0x80, 1, 0x42));
        Assert.That(divergence.Differences.Single().Name, Does.StartWith("post."));
        Assert.That(divergence.Equal, Is.EqualTo(777_777));
    }

    [Test]
    public void What_does_not_come_about_again_is_reported_with_where_it_was_seen()
    {
        bool made = false;
        EngineDivergence divergence = Find(500_000, guest =>
        {
            if (!made)
                guest.Processor.State.Registers()[(int)GeneralRegister.Rbp] = 1;
            made = true;
        });
        Assert.Multiple(() =>
        {
            Assert.That(divergence.IsReproduced, Is.False);
            Assert.That(divergence.Differences.Single().Name, Is.EqualTo("RBP"));
            Assert.That(divergence.Different, Is.InRange(500_001, 500_001 + (2 * LockstepOptions.DefaultStep)));
        });
    }

    [Test]
    public void Inputs_of_the_first_machine_reach_the_second_at_the_same_tick()
    {
        using GuestMachine reference = Boot();
        using GuestMachine subject = Boot();
        LockstepRun run = new(reference, subject, new LockstepOptions { Step = 100 });
        for (ulong tick = 0; tick < 100_000; tick += 10_000)
        {
            run.Run(tick);
            reference.Machine.Inject(InputSource.Serial0, new byte[] { 1, 2, 3 });
        }

        run.Run(End);
        Assert.Multiple(() =>
        {
            Assert.That(run.Finish(), Is.Null);
            Assert.That(reference.Inputs.Count, Is.EqualTo(10));
            Assert.That(subject.Inputs.Value, Is.EqualTo(reference.Inputs.Value));
        });
    }

    private static EngineDivergence Find(ulong tick, Action<GuestMachine> mistake)
    {
        using GuestMachine reference = Boot();
        using GuestMachine subject = Boot();
        LockstepRun run = new(reference, subject, new LockstepOptions { MemoryInterval = 300_000, Mistake = new DeliberateMistake(tick, mistake) });
        RunResult result = run.Run(End);
        EngineDivergence? divergence = run.Finish();
        Assert.That(divergence, Is.Not.Null);
        TestContext.Out.WriteLine($"{result.Reason} after {run.Steps} steps\n{divergence}");
        return divergence!;
    }

    private static GuestMachine Boot()
    {
        GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 16 << 20 }, new MachineOutputs());
        guest.Machine.Memory.Write(Origin, Program);
        ProcessorEntry.Apply(guest.Processor, new EntryState { Mode = EntryMode.Protected32, Rip = Origin, Rbx = 0x20_0000, Cr0 = 0x11, GdtBase = 0, GdtLimit = 0 });
        return guest;
    }
}
