using System.Diagnostics;

namespace System.Tests;

/// <summary>Runs the program as a person does: its own process, arguments, exit status and both streams.</summary>
internal static class Cli
{
    /// <summary>How the program is started: the one that was built with the tests, or the executable that OTHERWORLD_PROGRAM names (one compiled ahead of time).</summary>
    public static IReadOnlyList<string> Program { get; } =
        Environment.GetEnvironmentVariable("OTHERWORLD_PROGRAM") is { Length: > 0 } own ? [Path.GetFullPath(own)] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "otherworld.dll")];

    /// <summary>Runs a verb with nothing to read on standard input.</summary>
    public static CliResult Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    /// <summary>Runs a verb with more environment variables.</summary>
    public static CliResult Run(IReadOnlyDictionary<string, string> environment, params string[] arguments) => Run(Start(environment, arguments), "");

    /// <summary>Runs a verb in another working directory.</summary>
    public static CliResult RunIn(string directory, params string[] arguments)
    {
        ProcessStartInfo start = Start(new Dictionary<string, string>(), arguments);
        start.WorkingDirectory = directory;
        return Run(start, "");
    }

    /// <summary>Runs a verb with a text in the pipe of its standard input, all of it there from the start.</summary>
    public static CliResult Pipe(string input, params string[] arguments) => Run(Start(new Dictionary<string, string>(), arguments), input);

    /// <summary>How a verb is started, all three streams piped.</summary>
    public static ProcessStartInfo Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Program[0], [.. Program.Skip(1), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return start;
    }

    private static CliResult Run(ProcessStartInfo start, string input)
    {
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliResult(process.ExitCode, output, error.Result);
    }
}
