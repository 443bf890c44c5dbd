using System.CommandLine;
using System.Text.Json.Nodes;
using Emu.Core.Snapshots;

namespace Otherworld.Cli;

/// <summary><c>snapshot diff</c>: which fields and pages differ.</summary>
internal static class SnapshotDiffCommand
{
    public static Command Create()
    {
        Argument<string> before = SnapshotCommand.File("BEFORE");
        Argument<string> after = SnapshotCommand.File("AFTER");
        Option<bool> json = CommonOptions.Json();
        Command command = new("diff", "Name the fields and pages in which two snapshots differ. 0 when there are none, 1 otherwise.") { before, after, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(before), parsed.GetRequiredValue(after), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string before, string after, bool json)
    {
        IReadOnlyList<SnapshotDifference> differences = SnapshotDiff.Compare(before, after);
        if (json)
        {
            JsonArray all = CliJson.List(differences, difference => new JsonObject { ["name"] = difference.Name, ["before"] = difference.Before, ["after"] = difference.After });
            Console.Out.WriteLine(new JsonObject { ["equal"] = differences.Count == 0, ["differences"] = all }.ToJsonString());
        }

        foreach (SnapshotDifference difference in json ? [] : differences)
            Console.Out.WriteLine(difference);
        return differences.Count == 0 ? ExitCode.Success : ExitCode.NotMet;
    }
}
