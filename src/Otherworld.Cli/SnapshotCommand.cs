using System.CommandLine;

namespace Otherworld.Cli;

/// <summary><c>snapshot</c>: machines as files.</summary>
internal static class SnapshotCommand
{
    public static Command Create()
    {
        Command command = new("snapshot", "Save machines as files, check, compare and continue them (boot --from SNAPSHOT runs one).");
        command.Subcommands.Add(BootCommand.CreateSave());
        command.Subcommands.Add(SnapshotLoadCommand.Create());
        command.Subcommands.Add(SnapshotInfoCommand.Create());
        command.Subcommands.Add(SnapshotDiffCommand.Create());
        command.Subcommands.Add(SnapshotVerifyCommand.Create());
        return command;
    }

    /// <summary>The argument that names a snapshot.</summary>
    public static Argument<string> File(string name = "SNAPSHOT") => new(name) { Description = "Snapshot file; the folder with its pages must be beside it." };
}
