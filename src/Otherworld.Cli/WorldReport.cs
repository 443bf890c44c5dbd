using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core.Worlds;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary>What is said at the end of a run of several machines.</summary>
/// <param name="world">The world, at its end.</param>
internal sealed class WorldReport(GuestWorld world)
{
    private readonly GuestWorld _world = world;
    private readonly string _finalHash = Hex(world.World.StateHash());

    /// <summary>To a person.</summary>
    public void Say()
    {
        for (int i = 0; i < _world.Guests.Length; i++)
        {
            foreach ((string what, ulong count) in BootRun.Unknown(_world.Guests[i]))
                Talk.Line($"{_world.World.Machines[i].Name}: unknown to us: {what}, {count} times");
        }

        foreach ((WorldMachine machine, GuestMachine guest) in _world.World.Machines.Zip(_world.Guests))
            Talk.Line(string.Create(CultureInfo.InvariantCulture, $"{machine.Name}: {guest.Processor.InstructionCount:#,0} instructions, {Seconds(machine.Machine.Clock.Now)} s of guest time, {State(machine)}"));
        foreach (Link link in _world.World.Links)
        {
            foreach ((string sender, LinkEnd end) in link.Description.Between.Zip(link.Ends))
            {
                foreach (Wire wire in end.Wires)
                    Talk.Line($"{sender} -> {link.Description.Between[wire.Receiver]}: {wire.State.Carried} frames carried, {wire.State.Lost} lost, {end.State.Dropped + wire.State.Overrun} dropped for want of room");
            }
        }

        Talk.Line($"identity: commit {BuildInfo.Commit}, world {_world.Identity}, inputs {Hex(_world.Inputs)}");
        Talk.Line($"final state: {_finalHash}");
    }

    /// <summary>To a program: one line.</summary>
    public string ToJson(string outcome, int status) => new JsonObject
    {
        ["outcome"] = outcome,
        ["exit"] = status,
        ["vtime_ns"] = _world.World.Now,
        ["commit"] = BuildInfo.Commit,
        ["world"] = _world.Identity,
        ["inputs"] = Hex(_world.Inputs),
        ["final_hash"] = _finalHash,
        ["machines"] = CliJson.List(_world.World.Machines.Zip(_world.Guests), pair => ToJson(pair.First, pair.Second)),
        ["links"] = CliJson.List(_world.World.Links, link => new JsonObject
        {
            ["between"] = CliJson.List(link.Description.Between),
            ["sent"] = CliJson.List(link.Ends, end => end.State.Sent),
            ["dropped"] = CliJson.List(link.Ends, end => end.State.Dropped),
            ["lost"] = CliJson.List(link.Ends, end => (ulong)end.Wires.Sum(wire => (decimal)(wire.State.Lost + wire.State.Overrun))),
        }),
    }.ToJsonString();

    private static JsonObject ToJson(WorldMachine machine, GuestMachine guest) => new()
    {
        ["name"] = machine.Name,
        ["state"] = State(machine),
        ["icount"] = guest.Processor.InstructionCount,
        ["vtime_ns"] = machine.Machine.Clock.Now,
        ["machine"] = machine.Machine.Description.Hash(),
        ["images"] = guest.ImageHash,
        ["seed"] = machine.Machine.Description.Seed,
        ["inputs"] = guest.Inputs.Count,
        ["final_hash"] = Hex(machine.Machine.StateHash()),
        ["unknown"] = JsonSerializer.SerializeToNode(BootRun.Unknown(guest), CliJson.Default.IReadOnlyDictionaryStringUInt64),
    };

    /// <summary>How a machine is.</summary>
    public static string State(WorldMachine machine) => machine.End is { } end ? RunVerdict.Judge(end, quit: false, missed: false).Outcome : "running";

    private static string Seconds(ulong tick) => (tick / 1e9).ToString("0.000000000", CultureInfo.InvariantCulture);

    private static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);
}
