using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Emu.Core.Devices;
using Emu.Core.Devices.Network;
using Emu.Core.Machine;
using Emu.Core.Worlds;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Worlds;

/// <summary>A world of guests, composed from a plan or continued from a snapshot.</summary>
public sealed partial class GuestWorld : IDisposable
{
    /// <summary>How often files are typed on consoles, so that it depends on guest time alone.</summary>
    private const ulong TypingInterval = 10_000_000;

    private readonly ulong _seed;
    private readonly List<TypedInput> _typed = [];

    private GuestWorld(World world, ImmutableArray<GuestMachine> guests, ulong seed)
    {
        World = world;
        Guests = guests;
        _seed = seed;
    }

    /// <summary>Machines, links and time.</summary>
    public World World { get; }

    /// <summary>The guests, in the order of <see cref="Emu.Core.Worlds.World.Machines"/>.</summary>
    public ImmutableArray<GuestMachine> Guests { get; }

    /// <summary>Hash over what the world is: the machines' descriptions, the links, the seed. 32 hexadecimal digits.</summary>
    public string Identity
    {
        get
        {
            StringBuilder text = new();
            text.Append(CultureInfo.InvariantCulture, $"{_seed}\n");
            foreach (WorldMachine machine in World.Machines)
                text.Append(CultureInfo.InvariantCulture, $"{machine.Name} {machine.Machine.Description.Hash()}\n");
            foreach (LinkDescription link in World.Links.Select(link => link.Description))
                text.Append(CultureInfo.InvariantCulture, $"{string.Join(',', link.Between)} {link.Latency} {link.Bandwidth} {link.Loss}\n");
            return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    /// <summary>Hash over everything that came to any machine from outside of it: what was typed, and the frames of the others.</summary>
    public ulong Inputs => XxHash3.HashToUInt64(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>([.. Guests.Select(guest => guest.Inputs.Value)]));

    /// <summary>Builds the machines, loads their kernels and joins them.</summary>
    /// <param name="plan">What to build.</param>
    /// <param name="consoleOf">Where a machine's ttyS0 goes, by its name.</param>
    /// <param name="engine">What runs them; null for the fastest this host can run, or what a machine's settings say.</param>
    /// <param name="observer">Is shown every frame, or null.</param>
    /// <exception cref="Emu.Core.OtherworldException">A file is missing or none, or the plan makes no sense.</exception>
    public static GuestWorld Create(WorldPlan plan, Func<string, IByteSink> consoleOf, EngineKind? engine = null, IFrameObserver? observer = null) =>
        Create(plan, name => new MachineOutputs { Serial0 = consoleOf(name) }, engine, observer);

    /// <summary>Builds the machines, loads their kernels and joins them.</summary>
    /// <param name="plan">What to build.</param>
    /// <param name="outputsOf">Where what a machine says goes, by its name; its cables are the links.</param>
    /// <param name="engine">What runs them; null for the fastest this host can run, or what a machine's settings say.</param>
    /// <param name="observer">Is shown every frame, or null.</param>
    /// <exception cref="Emu.Core.OtherworldException">A file is missing or none, or the plan makes no sense.</exception>
    public static GuestWorld Create(WorldPlan plan, Func<string, MachineOutputs> outputsOf, EngineKind? engine = null, IFrameObserver? observer = null)
    {
        Link[] links = [.. plan.Links.Select((link, index) => new Link(link, index, plan.Seed))];
        GuestWorld world = Compose(
            [.. plan.Machines.Select(machine => machine.Name)],
            links,
            plan.Quantum,
            observer,
            index => GuestMachine.Create(
                plan.Machines[index].Settings with { Engine = engine ?? plan.Machines[index].Settings.Engine }, Outputs(plan.Machines[index].Name, links, outputsOf)),
            plan.Seed);
        try
        {
            for (int i = 0; i < world.Guests.Length; i++)
            {
                world.Guests[i].Load(plan.Machines[i].Load());
                if (plan.Machines[i].Input is { } input)
                    world._typed.Add(new TypedInput(world.Guests[i].Machine, FileBytes.Load(input, $"input of '{plan.Machines[i].Name}'").Span.ToArray()));
            }

            return world;
        }
        catch
        {
            world.Dispose();
            throw;
        }
    }

    /// <summary>A guest by its machine's name.</summary>
    public GuestMachine this[string name] => Guests[IndexOf(name)];

    /// <summary>The place of a machine.</summary>
    /// <exception cref="Emu.Core.OtherworldException">There is none of that name.</exception>
    public int IndexOf(string name)
    {
        string[] names = [.. World.Machines.Select(machine => machine.Name)];
        int index = Array.IndexOf(names, name);
        return index >= 0 ? index : throw new Emu.Core.OtherworldException($"there is no machine '{name}' in this world. Its machines are: {string.Join(", ", names)}.");
    }

    /// <summary>Runs to a tick, or to the end of the beat in which something happened, as <see cref="Emu.Core.Worlds.World.Run"/> does; types what is to be typed.</summary>
    /// <returns>False when it stopped before the limit.</returns>
    public bool Run(ulong limit)
    {
        while (World.Now < limit)
        {
            if (World.Now % TypingInterval == 0)
                _typed.ForEach(input => input.Type());
            ulong next = World.Now - (World.Now % TypingInterval) + TypingInterval;
            if (!World.Run(Math.Min(limit, next)))
                return false;
            if (World.Machines.Any(machine => machine.Happened is not null))
                return World.Now == limit;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GuestMachine guest in Guests)
            guest.Dispose();
    }

    private static GuestWorld Compose(string[] names, Link[] links, ulong quantum, IFrameObserver? observer, Func<int, GuestMachine> build, ulong seed)
    {
        List<GuestMachine> guests = [];
        try
        {
            for (int i = 0; i < names.Length; i++)
                guests.Add(build(i));
            var world = new World([.. names.Zip(guests, (name, guest) => (name, guest.Machine))], links, quantum, observer);
            return new GuestWorld(world, [.. guests], seed);
        }
        catch
        {
            guests.ForEach(guest => guest.Dispose());
            throw;
        }
    }

    private static MachineOutputs Outputs(string name, Link[] links, Func<string, MachineOutputs> outputsOf) => outputsOf(name) with
    {
        Cables = [.. links.Where(link => link.Description.Between.Contains(name)).Select(IFrameSink (link) => link.Ends[link.Description.Between.IndexOf(name)])],
    };
}
