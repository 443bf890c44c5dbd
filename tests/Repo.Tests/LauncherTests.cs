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

    [Test]
    public async Task Of_two_started_at_once_without_a_build_one_builds_and_the_other_waits()
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-launcher-").FullName;
        try
        {
            ProcessStartInfo start = CheckoutWithoutSources(folder);
            using Process first = Process.Start(start)!, second = Process.Start(start)!;
            string[] errors = await Task.WhenAll(first.StandardError.ReadToEndAsync(), second.StandardError.ReadToEndAsync());
            string[] outputs = await Task.WhenAll(first.StandardOutput.ReadToEndAsync(), second.StandardOutput.ReadToEndAsync());
            Assert.Multiple(() =>
            {
                Assert.That(outputs, Is.All.EqualTo("runs\n"), string.Join('\n', errors));
                Assert.That(File.ReadAllLines(Path.Combine(folder, "builds")), Has.Length.EqualTo(1));
                Assert.That(errors, Has.One.Contains("waiting for it").And.One.Contains("building (Release)"));
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The launcher in a checkout of its own, with a <c>dotnet</c> that takes a second to build a program and only says that it runs it.</summary>
    private static ProcessStartInfo CheckoutWithoutSources(string folder)
    {
        File.Copy(Path.Combine(Repository.Root, "otherworld"), Path.Combine(folder, "otherworld"));
        foreach (string name in (string[])["src", "build", "bin"])
            Directory.CreateDirectory(Path.Combine(folder, name));
        foreach (string name in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig"])
            File.WriteAllText(Path.Combine(folder, name), "");
        string dotnet = Path.Combine(folder, "bin", "dotnet");
        File.WriteAllText(
            dotnet,
            $"""
            #!/bin/sh
            if [ "$1" != publish ]; then echo runs; exit; fi
            echo built >> '{folder}/builds'
            sleep 1
            mkdir -p '{folder}/artifacts/launcher/app'
            touch '{folder}/artifacts/launcher/app/otherworld.dll'

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ProcessStartInfo start = new("/bin/bash", [Path.Combine(folder, "otherworld"), "doctor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{folder}/bin:{start.Environment["PATH"]}";
        return start;
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
