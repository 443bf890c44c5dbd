using System.Diagnostics;
using System.Text.Json;

namespace Repo.Tests;

public sealed class LauncherTests
{
    [Test]
    public void The_program_starts_with_optimised_code_and_without_profiling()
    {
        using JsonDocument configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "otherworld.runtimeconfig.json")));
        JsonElement properties = configuration.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        Assert.Multiple(() =>
        {
            Assert.That(properties.GetProperty("System.Runtime.TieredPGO").GetBoolean(), Is.False);
            Assert.That(properties.GetProperty("System.Runtime.TieredCompilation.QuickJit").GetBoolean(), Is.False);
            Assert.That(properties.GetProperty("System.Globalization.Invariant").GetBoolean(), Is.True);
        });
    }

    [Test]
    public void The_test_verb_refuses_an_unknown_option_with_one_line_and_status_2()
    {
        (int status, string output, string error) = Run("otherworld", "test", "--sloow");
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(2));
            Assert.That(output, Is.Empty);
            Assert.That(error, Does.Contain("--sloow").And.Contain("--slow"));
        });
    }

    [TestCase("otherworld")]
    [TestCase(".ci/run")]
    public void Scripts_are_executable_and_parse(string script)
    {
        string path = Path.Combine(Repository.Root, script);
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(path) & UnixFileMode.UserExecute, Is.Not.Zero);
        Assert.That(Run("/bin/bash", "-n", path).Status, Is.Zero);
    }

    private static (int Status, string Output, string Error) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(Repository.Root, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
