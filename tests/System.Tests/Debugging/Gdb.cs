using System.Diagnostics;

namespace System.Tests.Debugging;

/// <summary>Debian's gdb, as it is, as its user has it on the command line.</summary>
internal static class Gdb
{
    /// <summary>Where there is no gdb, the test is left out and says why.</summary>
    public static void NeedIt()
    {
        if (!File.Exists("/usr/bin/gdb"))
            Assert.Ignore("gdb is not installed here (apt-get install gdb)");
    }

    /// <summary>Runs a verb with gdb beside it, and gdb with commands.</summary>
    /// <param name="folder">For the socket between them.</param>
    /// <param name="arguments">The verb.</param>
    /// <param name="commands">What is typed once gdb is connected.</param>
    public static (string Talk, CliResult Result) Run(string folder, string[] arguments, params string[] commands)
    {
        string socket = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        using Process guest = Process.Start(Cli.Start(new Dictionary<string, string>(), [.. arguments, $"--gdb=unix:{socket}"]))!;
        guest.StandardInput.Close();
        Task<string> output = guest.StandardOutput.ReadToEndAsync();
        while (guest.StandardError.ReadLine() is { } line && !line.Contains("target remote", StringComparison.Ordinal))
            continue;
        Task<string> error = guest.StandardError.ReadToEndAsync();
        string talk = Talk(["set pagination off", "set confirm off", $"target remote {socket}", .. commands]);
        guest.WaitForExit();
        return (talk, new CliResult(guest.ExitCode, output.Result, error.Result));
    }

    /// <summary>Looks into a file that does not run.</summary>
    public static string Look(string file, params string[] commands) => Talk([$"file {file}", .. commands]);

    private static string Talk(params string[] commands)
    {
        ProcessStartInfo start = new("gdb", ["-nx", "-batch", .. commands.SelectMany(command => (string[])["-ex", command])]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process gdb = Process.Start(start)!;
        Task<string> complaints = gdb.StandardError.ReadToEndAsync();
        string talk = gdb.StandardOutput.ReadToEnd() + complaints.Result;
        gdb.WaitForExit();
        TestContext.Out.WriteLine(talk);
        return talk;
    }
}
