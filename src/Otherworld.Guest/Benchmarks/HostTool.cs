using System.Diagnostics;
using Emu.Core;

namespace Otherworld.Guest.Benchmarks;

/// <summary>Programs of the host: found in PATH, installed from Debian's packages when that is allowed, run to their end.</summary>
internal static class HostTool
{
    /// <summary>The full path of a program in PATH, or of a file named by its full path; null where there is none.</summary>
    internal static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Where(folder => folder.Length != 0)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Finds a program, installing its packages first when it is absent and we are root.</summary>
    /// <param name="program">What is wanted: a name, or a full path.</param>
    /// <param name="packages">What brings it.</param>
    /// <param name="say">Where progress goes.</param>
    /// <exception cref="OtherworldException">It is absent and cannot be installed; the text names the command.</exception>
    internal static string FindOrInstall(string program, string packages, Action<string> say)
    {
        if (Find(program) is { } found)
            return found;
        string command = $"apt-get install --no-install-recommends {packages}";
        if (!Environment.IsPrivilegedProcess || Find("apt-get") is null)
            throw new OtherworldException($"'{program}' is not installed. Install it: {command}", 3);
        say($"installing {packages}");
        (int status, string output) = Run("apt-get", ["install", "-y", "-q", "--no-install-recommends", .. packages.Split(' ')]);
        return Find(program) ?? throw new OtherworldException($"'{command}' ended with {status} and brought no '{program}': {LastLine(output)}", 3);
    }

    /// <summary>Runs a program and returns what it said on both streams.</summary>
    /// <exception cref="OtherworldException">It does not start.</exception>
    internal static (int Status, string Output) Run(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["LC_ALL"] = "C";
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new OtherworldException($"'{program}' does not start: {problem.Message}", 3);
        }
    }

    internal static string LastLine(string output) => output.Trim().Split('\n')[^1].Trim();
}
