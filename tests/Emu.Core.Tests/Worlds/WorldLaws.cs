using CsCheck;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Worlds;

namespace Emu.Core.Tests.Worlds;

/// <summary>What holds for every world, whatever its machines and links.</summary>
public sealed class WorldLaws
{
    private const ulong Horizon = 20_000_000;

    [Test]
    public void The_quantum_cannot_be_told_from_inside() => ForRandomWorlds(seed =>
    {
        var prng = new Prng(seed);
        using TestWorld longest = new(seed), shorter = new(seed, beat => 1 + prng.Below(beat)), shortest = new(seed, beat => Math.Max(1, beat / 64));
        Run(longest, shorter, shortest);
        Assert.That(longest.Machines.Sum(machine => (decimal)machine.Received), Is.Positive, "they heard each other");
        Assert.That((shorter.World.StateHash(), shortest.World.StateHash()), Is.EqualTo((longest.World.StateHash(), longest.World.StateHash())));
    });

    [Test]
    public void Runs_can_be_cut_anywhere() => ForRandomWorlds(seed =>
    {
        var prng = new Prng(seed);
        using TestWorld whole = new(seed), cut = new(seed);
        while (cut.World.Now < Horizon)
            cut.World.Run(Math.Min(Horizon, cut.World.Now + 1 + prng.Below(700_000)));
        Run(whole);
        Assert.That(cut.World.StateHash(), Is.EqualTo(whole.World.StateHash()));
    });

    [Test]
    public void A_world_restored_in_the_middle_goes_on_the_same() => ForRandomWorlds(seed =>
    {
        using TestWorld whole = new(seed), first = new(seed), second = new(seed);
        first.World.Run(1 + new Prng(seed).Below(Horizon));
        first.CopyTo(second);
        Assert.That(second.World.StateHash(), Is.EqualTo(first.World.StateHash()));
        Run(whole, second);
        Assert.That(second.World.StateHash(), Is.EqualTo(whole.World.StateHash()));
    });

    [Test]
    public void Inputs_at_the_same_ticks_give_the_same_world_whatever_the_quantum() => ForRandomWorlds(seed =>
    {
        using TestWorld first = new(seed), second = new(seed, beat => 1 + (beat / 3));
        var ticks = new Prng(seed);
        while (first.World.Now < Horizon)
        {
            ulong next = first.World.Now + 1 + ticks.Below(3_000_000);
            foreach (TestWorld world in (TestWorld[])[first, second])
            {
                world.World.Machines[0].Machine.Inject(InputSource.Keyboard, new byte[] { (byte)next });
                world.World.Run(next);
            }
        }

        Assert.That(second.World.StateHash(), Is.EqualTo(first.World.StateHash()));
    });

    [Test]
    public void Every_frame_arrives_or_is_counted_as_lost() => ForRandomWorlds(seed =>
    {
        using TestWorld test = new(seed);
        Run(test);
        foreach (WorldMachine machine in test.World.Machines)
        {
            for (int card = 0; card < machine.Machine.NetworkCards.Count; card++)
            {
                Link[] links = [.. test.World.Links.Where(link => link.Description.Between.Contains(machine.Name))];
                int end = links[card].Description.Between.IndexOf(machine.Name);
                Wire[] inbound = [.. links[card].Ends.SelectMany(other => other.Wires).Where(wire => wire.Receiver == end)];
                ulong arrived = (ulong)inbound.Sum(wire => (decimal)wire.State.Carried - wire.UnderWay.Count);
                Emu.Core.Devices.Virtio.VirtioNet.State counters = machine.Machine.NetworkCards[card].Counters;
                Assert.That(counters.Received + counters.NoRoom, Is.EqualTo(arrived));
                Assert.That(links[card].Ends[end].State.Sent + links[card].Ends[end].State.Dropped, Is.EqualTo(counters.Sent));
            }
        }
    });

    private static void ForRandomWorlds(Action<ulong> law) => Gen.ULong.Sample(law, iter: 12, threads: 1);

    private static void Run(params TestWorld[] worlds)
    {
        foreach (TestWorld world in worlds)
            world.World.Run(Horizon);
    }
}
