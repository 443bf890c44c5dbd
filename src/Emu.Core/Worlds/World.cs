using System.Collections.Immutable;
using System.IO.Hashing;
using Emu.Core.Machine;

namespace Emu.Core.Worlds;

/// <summary>
/// Machines joined by links, on one time. They take turns, each running for a quantum that is no longer than the shortest latency of any link: what one sends
/// during a quantum reaches another only after its end, so the order of turns and the length of the quantum cannot be told from inside.
/// </summary>
public sealed class World
{
    private readonly IFrameObserver? _observer;

    /// <param name="machines">Name and machine, in the order of their turns; all at the same tick.</param>
    /// <param name="links">Their ends must be what the machines' cards are plugged into: a machine's first card into the first link that names it, and so on.</param>
    /// <param name="quantum">Most ticks of a turn; 0 for <see cref="Beat"/>. It changes nothing but the speed.</param>
    /// <param name="observer">Is shown every frame, or null.</param>
    /// <exception cref="OtherworldException">Two machines have one name, a link names a machine that is none, or the quantum is longer than a latency.</exception>
    public World(IReadOnlyList<(string Name, PcMachine Machine)> machines, IReadOnlyList<Link> links, ulong quantum = 0, IFrameObserver? observer = null)
    {
        Links = [.. links];
        Machines = [.. machines.Select(machine => new WorldMachine(machine.Name, machine.Machine, Inbound(machine.Name)))];
        CheckNames();
        Beat = Links.IsEmpty ? LinkDescription.LongestLatency : Links.Min(link => link.Description.Latency);
        if (quantum > Beat)
            throw new OtherworldException($"the quantum of {quantum} ns is longer than the shortest latency of a link, {Beat} ns.");
        Quantum = quantum == 0 ? Beat : quantum;
        _observer = observer;
        foreach (LinkEnd end in Links.SelectMany(link => link.Ends))
            end.Observer = observer;
    }

    /// <summary>In the order of their turns.</summary>
    public ImmutableArray<WorldMachine> Machines { get; }

    /// <summary>The links.</summary>
    public ImmutableArray<Link> Links { get; }

    /// <summary>The shortest latency: things that happen in a machine end a run at multiples of it.</summary>
    public ulong Beat { get; }

    /// <summary>Most ticks that a machine runs ahead of the others.</summary>
    public ulong Quantum { get; }

    /// <summary>The tick that all machines have come to, apart from those that have ended.</summary>
    public ulong Now { get; private set; }

    /// <summary>A tick before which no frame comes to a machine: what is not on a wire yet takes a latency.</summary>
    public ulong NextArrivalAt(WorldMachine machine) => Math.Min(machine.NextArrival, Now + Beat);

    /// <summary>
    /// Runs until all machines have come to <paramref name="limit"/>, or to the end of the <see cref="Beat"/> in which something happened in one of them: it is
    /// there to be taken (<see cref="WorldMachine.TakeHappened"/>). Runs can be cut anywhere. A breakpoint of the first machine cuts one: the others, whose
    /// turns come later, run to the tick of the breakpoint and no further.
    /// </summary>
    /// <returns>False when it stopped before the limit.</returns>
    public bool Run(ulong limit)
    {
        while (Now < limit)
        {
            ulong beatEnd = Now - (Now % Beat) + Beat;
            ulong end = Math.Min(Math.Min(Now + Quantum, beatEnd), limit);
            bool isBroken = Machines[0].RunToBreakpoint(end);
            if (isBroken)
                end = Machines[0].Machine.Clock.Now;
            for (int i = 1; i < Machines.Length; i++)
                Machines[i].Run(end);
            Now = end;
            _observer?.Settled(end);
            if (isBroken || (Now == beatEnd && Machines.Any(machine => machine.Happened is not null)))
                return Now == limit;
        }

        return true;
    }

    /// <summary>XxHash3 over the state hash of every machine and everything the links are: equal worlds, equal hashes.</summary>
    public ulong StateHash()
    {
        var hash = new XxHash3();
        hash.Append(BitConverter.GetBytes(Now));
        foreach (WorldMachine machine in Machines)
        {
            hash.Append(BitConverter.GetBytes(machine.Machine.StateHash()));
            hash.Append([(byte)(machine.End?.Reason ?? StopReason.None)]);
        }

        foreach (LinkEnd end in Links.SelectMany(link => link.Ends))
            end.AppendTo(hash);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Everything a world is beside its machines.</summary>
    public WorldState Save() => new(
        Now,
        [.. Machines.Select(machine => machine.End)],
        [.. Links.SelectMany(link => link.Ends).Select(end => new EndImage(end.State, [.. end.Wires.Select(wire => new WireImage(wire.State, [.. wire.UnderWay]))]))]);

    /// <summary>Becomes what <see cref="Save"/> returned; the machines were restored before.</summary>
    /// <exception cref="OtherworldException">The state is one of another world.</exception>
    public void Restore(WorldState state)
    {
        LinkEnd[] ends = [.. Links.SelectMany(link => link.Ends)];
        bool fits = state.Ends.Length == Machines.Length && state.Links.Length == ends.Length
            && ends.Zip(state.Links).All(pair => pair.First.Wires.Length == pair.Second.Wires.Length)
            && Machines.Zip(state.Ends).All(pair => pair.First.Machine.Clock.Now == state.Now || (pair.Second is not null && pair.First.Machine.Clock.Now < state.Now))
            && state.Links.SelectMany(end => end.Wires).All(wire => IsInOrder(wire.UnderWay, state.Now));
        if (!fits)
            throw new OtherworldException("the snapshot's links do not fit its machines.");
        Now = state.Now;
        for (int i = 0; i < Machines.Length; i++)
        {
            Machines[i].End = state.Ends[i];
            Machines[i].TakeHappened(); // it happened in what is left
        }

        for (int i = 0; i < ends.Length; i++)
        {
            ends[i].Restore(state.Links[i].State);
            for (int wire = 0; wire < ends[i].Wires.Length; wire++)
                ends[i].Wires[wire].Restore(state.Links[i].Wires[wire].State, state.Links[i].Wires[wire].UnderWay);
        }
    }

    private static bool IsInOrder(ImmutableArray<Transit> underWay, ulong now)
    {
        foreach (Transit transit in underWay)
        {
            if (transit.Arrival <= now)
                return false;
            now = transit.Arrival;
        }

        return true;
    }

    private void CheckNames()
    {
        string[] names = [.. Machines.Select(machine => machine.Name)];
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new OtherworldException($"two machines are called '{twice.Key}'.");
        if (Links.SelectMany(link => link.Description.Between).Except(names, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new OtherworldException($"a link leads to '{unknown}', and there is no machine of that name.");
    }

    /// <summary>The wires that lead to a machine, with the card that each comes to: the first link that names it is its first card.</summary>
    private ImmutableArray<(Wire Wire, InputSource Card)> Inbound(string name)
    {
        var inbound = ImmutableArray.CreateBuilder<(Wire, InputSource)>();
        InputSource card = InputSource.Network0;
        foreach (Link link in Links)
        {
            int end = link.Description.Between.IndexOf(name);
            if (end < 0)
                continue;
            foreach (Wire wire in link.Ends.SelectMany(other => other.Wires).Where(wire => wire.Receiver == end))
                inbound.Add((wire, card));
            card++;
        }

        return inbound.ToImmutable();
    }
}
