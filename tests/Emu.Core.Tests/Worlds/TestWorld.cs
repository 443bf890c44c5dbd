using Emu.Core.Devices.Network;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Emu.Core.Worlds;

namespace Emu.Core.Tests.Worlds;

/// <summary>Two or three machines that talk over random links; equal seeds, equal worlds.</summary>
internal sealed class TestWorld : IDisposable
{
    private static readonly string[] Names = ["a", "b", "c"];

    private readonly TalkingMachine[] _machines;

    /// <param name="seed">Of everything.</param>
    /// <param name="quantum">Picks the quantum from the beat; null for the longest there is.</param>
    /// <param name="observer">Sees the frames.</param>
    public TestWorld(ulong seed, Func<ulong, ulong>? quantum = null, IFrameObserver? observer = null)
    {
        var prng = new Prng(seed);
        int count = 2 + (int)prng.Below(2);
        List<LinkDescription> links = [RandomLink([.. Names[..count]], ref prng)];
        if (prng.Below(2) == 0)
            links.Add(RandomLink([Names[count - 1], Names[0]], ref prng));
        Link[] built = [.. links.Select((link, i) => new Link(link, i, seed))];
        _machines = [.. Names[..count].Select(name => new TalkingMachine(Cables(name, built), seed + name[0], (ushort)(80 + prng.Below(2000))))];
        World = new World([.. Names.Zip(_machines, (name, machine) => (name, machine.Machine))], built, quantum?.Invoke(links.Min(link => link.Latency)) ?? 0, observer);
    }

    public World World { get; }

    public IReadOnlyList<TalkingMachine> Machines => _machines;

    /// <summary>The cables of a machine: one for each link that names it.</summary>
    public static IReadOnlyList<IFrameSink> Cables(string name, IEnumerable<Link> links) =>
        [.. links.Where(link => link.Description.Between.Contains(name)).Select(link => link.Ends[link.Description.Between.IndexOf(name)])];

    /// <summary>What a snapshot does.</summary>
    public void CopyTo(TestWorld other)
    {
        for (int i = 0; i < _machines.Length; i++)
            MemorySnapshot.Take(_machines[i].Machine).Restore(other._machines[i].Machine);
        other.World.Restore(World.Save());
    }

    public void Dispose() => Array.ForEach(_machines, machine => machine.Dispose());

    private static LinkDescription RandomLink(string[] between, ref Prng prng) => new()
    {
        Between = [.. between],
        Latency = 1_000 + prng.Below(prng.Below(2) == 0 ? 500_000u : 5_000u),
        Bandwidth = prng.Below(3) switch { 0 => 0, 1 => 1_000_000_000, _ => 1_000_000 + prng.Below(20_000_000) },
        Loss = prng.Below(2) == 0 ? 0 : (uint)prng.Below(300_000),
    };
}
