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
        string path = Path.Combine(Checkout.Root, script);
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(path) & UnixFileMode.UserExecute, Is.Not.Zero);
        Assert.That(Run("/bin/bash", "-n", path).Status, Is.Zero);
    }

    [Test]
    public async Task Of_two_started_at_once_without_a_build_one_builds_and_the_other_waits()
    {
        using FakeCheckout checkout = new("otherworld", hasLinker: true);
        using Process first = Process.Start(checkout.Launcher())!, second = Process.Start(checkout.Launcher())!;
        string[] errors = await Task.WhenAll(first.StandardError.ReadToEndAsync(), second.StandardError.ReadToEndAsync());
        string[] outputs = await Task.WhenAll(first.StandardOutput.ReadToEndAsync(), second.StandardOutput.ReadToEndAsync());
        Assert.Multiple(() =>
        {
            Assert.That(outputs, Is.All.EqualTo("runs natively\n"), string.Join('\n', errors));
            Assert.That(checkout.Builds, Has.Length.EqualTo(1));
            Assert.That(errors, Has.One.Contains("waiting for it").And.One.Contains("building (Release)"));
        });
    }

    [Test]
    public void Without_a_linker_the_program_is_built_for_the_runtime_and_with_one_it_is_built_again()
    {
        using FakeCheckout checkout = new("otherworld.dll", hasLinker: false);
        (int status, string output, string error) = Run(checkout.Launcher());
        Assert.That((status, output), Is.EqualTo((0, "runs\n")), error);
        Assert.That(error, Does.Contain("neither clang nor gcc is in PATH"));
        Assert.That(checkout.Builds.Single(), Does.Contain("PublishReadyToRun=true").And.Not.Contain("PublishAot"));

        Assert.That(Run(checkout.Launcher()).Error, Is.Empty);
        Assert.That(checkout.Builds, Has.Length.EqualTo(1));

        checkout.AddLinker();
        Run(checkout.Launcher());
        Assert.That(checkout.Builds, Has.Length.EqualTo(2));
        Assert.That(checkout.Builds[1], Does.Contain("PublishAot=true").And.Contain("CppCompilerAndLinker=gcc"));
    }

    [Test]
    public void A_native_build_that_fails_gives_way_to_one_for_the_runtime_and_its_reason_is_told()
    {
        using FakeCheckout checkout = new("otherworld.dll", hasLinker: true, refused: "PublishAot=true");
        (int status, string output, string error) = Run(checkout.Launcher());
        Assert.That((status, output), Is.EqualTo((0, "runs\n")), error);
        Assert.That(error, Does.Contain("no native build (error NU1101: no such package); trying ReadyToRun"));
    }

    [Test]
    public void A_host_without_x86_64_v3_has_its_own_build()
    {
        using FakeCheckout checkout = new("otherworld", hasLinker: true);
        Run(checkout.Launcher());
        checkout.TakeFeatures();
        (int status, string output, string error) = Run(checkout.Launcher());
        Assert.That((status, output), Is.EqualTo((0, "runs natively\n")), error);
        Assert.That(checkout.Builds, Has.Length.EqualTo(2));
        Assert.That(checkout.Builds[1], Does.Not.Contain("InstructionSet"));
    }

    private static (int Status, string Output, string Error) Run(string program, params string[] arguments) =>
        Run(new ProcessStartInfo(Path.Combine(Checkout.Root, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    private static (int Status, string Output, string Error) Run(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
