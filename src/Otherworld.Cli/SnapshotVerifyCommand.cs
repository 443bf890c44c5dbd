using System.CommandLine;
using System.Text.Json.Nodes;
using Emu.Core;
using Emu.Core.Snapshots;

namespace Otherworld.Cli;

/// <summary><c>snapshot verify</c>: reads every byte of snapshots and their packs.</summary>
internal static class SnapshotVerifyCommand
{
    public static Command Create()
    {
        Argument<string[]> files = new("SNAPSHOT") { Description = "Snapshot files.", Arity = ArgumentArity.OneOrMore };
        Option<bool> json = CommonOptions.Json();
        Command command = new("verify", "Check every byte of snapshots and of the packs they need. 2 or 3 when one is damaged or incomplete.") { files, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(files), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] paths, bool json)
    {
        int status = ExitCode.Success;
        List<JsonObject> results = [];
        foreach (string path in paths)
        {
            try
            {
                SnapshotManifest manifest = SnapshotFile.Verify(path);
                Talk.Line($"'{path}' is whole: state {manifest.StateHash}");
                results.Add(Result(path, true, manifest.StateHash, ""));
            }
            catch (OtherworldException e)
            {
                Talk.Line(e.Message);
                results.Add(Result(path, false, "", e.Message));
                status = Math.Max(status, e.ExitCode);
            }
        }

        if (json)
            Console.Out.WriteLine(new JsonObject { ["ok"] = status == ExitCode.Success, ["snapshots"] = CliJson.List(results, result => result) }.ToJsonString());
        return status;
    }

    private static JsonObject Result(string file, bool ok, string hash, string error) => new JsonObject { ["file"] = file, ["ok"] = ok, ["state_hash"] = hash, ["error"] = error };
}
