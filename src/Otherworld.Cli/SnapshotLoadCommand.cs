using System.CommandLine;
using System.Text.Json.Nodes;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Cli;

/// <summary><c>snapshot load</c>: proves that a snapshot can be continued here, and that nothing of it is lost.</summary>
internal static class SnapshotLoadCommand
{
    public static Command Create()
    {
        Argument<string> file = SnapshotCommand.File();
        Option<string[]> disk = new("--disk") { Description = "Where a disk image is now, if not where it was; in the order of the devices.", HelpName = "FILE" };
        Option<string> engine = CommonOptions.Engine();
        Option<bool> json = CommonOptions.Json();
        Command command = new("load", "Load a snapshot into a new machine and check that the machine's state is the one that was saved.") { file, disk, engine, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), [.. parsed.GetValue(disk)!.Select(DiskChoice.Parse)], EngineChoice.Parse(parsed.GetRequiredValue(engine)), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, DiskChoice[] disks, EngineKind? engine, bool json)
    {
        (SnapshotManifest manifest, MemorySnapshot snapshot) = SnapshotFile.Read(path);
        using GuestMachine guest = GuestMachine.FromSnapshot(manifest, snapshot, disks, new MachineOutputs(), engine: engine);
        string hash = MemorySnapshot.Take(guest.Machine).Hash().ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
        bool same = hash == manifest.StateHash;
        string final = guest.Machine.StateHash().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        Talk.Line(same ? $"loaded at tick {manifest.Tick}: state {hash}" : $"the machine has state {hash} after loading, the snapshot {manifest.StateHash}");
        if (json)
            Console.Out.WriteLine(new JsonObject { ["loaded"] = same, ["state_hash"] = hash, ["final_hash"] = final, ["tick"] = manifest.Tick, ["icount"] = manifest.InstructionCount }.ToJsonString());
        return same ? ExitCode.Success : ExitCode.NotMet;
    }
}
