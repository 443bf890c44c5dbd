using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Emu.Core.Snapshots;

namespace Otherworld.Cli;

/// <summary><c>snapshot info</c>: what a snapshot says about itself.</summary>
internal static class SnapshotInfoCommand
{
    public static Command Create()
    {
        Argument<string> file = SnapshotCommand.File();
        Option<bool> json = CommonOptions.Json();
        Command command = new("info", "Say what a snapshot is: machine, time, reason, parts, disks.") { file, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string path, bool json)
    {
        SnapshotManifest manifest = SnapshotFile.Inspect(path);
        if (json)
        {
            Console.Out.WriteLine(JsonNode.Parse(manifest.ToJson())!.ToJsonString());
            return ExitCode.Success;
        }

        foreach ((string what, string value) in Rows(manifest))
            Console.Out.WriteLine($"{what,-18}{value}");
        return ExitCode.Success;
    }

    private static IEnumerable<(string What, string Value)> Rows(SnapshotManifest manifest)
    {
        yield return ("reason", manifest.Reason);
        yield return ("instructions", manifest.InstructionCount.ToString("#,0", CultureInfo.InvariantCulture));
        yield return ("guest time", string.Create(CultureInfo.InvariantCulture, $"{manifest.Tick / 1e9:0.000000000} s"));
        yield return ("state", manifest.StateHash);
        yield return ("parent", manifest.Parent ?? "power-on");
        yield return ("machine", manifest.MachineJson);
        yield return ("kernel build id", manifest.KernelBuildId.Length == 0 ? "unknown" : manifest.KernelBuildId);
        yield return ("images", manifest.Images);
        yield return ("commit", manifest.Commit);
        foreach (SnapshotDisk disk in manifest.Disks)
            yield return ("disk " + disk.Id, string.Create(CultureInfo.InvariantCulture, $"{disk.Path} ({disk.Length >> 20} MiB, {disk.ContentHash}{(disk.ReadOnly ? ", read-only" : "")})"));
        foreach (SnapshotPageSet set in manifest.PageSets)
            yield return ("pages " + set.Name, string.Create(CultureInfo.InvariantCulture, $"{set.Count} ({set.Count / 256.0:0.0} MiB)"));
        yield return ("sections", string.Join(' ', manifest.Sections.Select(section => section.Id)));
        yield return ("packs", string.Create(CultureInfo.InvariantCulture, $"{manifest.Packs.Count} in {manifest.Store}/"));
    }
}
