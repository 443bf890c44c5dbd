using Otherworld.Guest.Experiments;

namespace System.Tests.Demo;

/// <summary>Applications as Debian builds them: they work on our machine, and they outlive their kernel.</summary>
[TestFixture]
public sealed class AppTests
{
    [Test]
    public void Every_service_answers_its_client()
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Debian });
        Assert.That(run.Boot(), Is.Null);
        GuestShell shell = new(run.Console, 0);
        Assert.That(Ask(shell, "services start all"), Does.Contain("mariadb answers").And.Contains("apache answers").And.Contains("redis answers"));

        Assert.That(Ask(shell, "redis-cli --raw incr visits; redis-cli --raw incr visits"), Is.EqualTo("1 2"));
        Assert.That(Ask(shell, "mariadb -BN work -e \"insert into ledger (note) values ('a'), ('b'); select sum(id) from ledger\""), Is.EqualTo("3"));
        Assert.That(Ask(shell, "mariadb -BN work -e \"insert into scratch values (7, 'm'); select engine from information_schema.tables where table_schema = 'work' order by 1\""), Is.EqualTo("InnoDB MEMORY"));
        foreach (string page in (string[])["count.php", "shared.php"])
            Assert.That(Ask(shell, $"for i in 1 2 3; do curl -s -c /work/{page}.jar -b /work/{page}.jar http://127.0.0.1/{page}; done"), Is.EqualTo("visits 1 visits 2 visits 3"), page);
        Assert.That(run.Console.Now.Icount, Is.LessThan(800_000_000));
        TestContext.Out.WriteLine($"all services answered after {run.Console.Now.Icount:#,0} instructions");
    }

    [Test]
    public void Joe_outlives_two_kernels_with_all_that_was_typed()
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Debian, App = DemoApp.Joe, Seed = 1, Crashes = 2 });
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo("resurrected"));
            Assert.That(result.LostOperations, Is.Zero);
            // Half of the most is the check of the file system, when the kernel died inside a change of it.
            Assert.That(result.Interruption?.Icount, Is.GreaterThan(0).And.LessThan(250_000_000));
            Assert.That(result.Processes.Single(process => process.Comm == "joe").Check, Is.EqualTo("correct"));
        });
    }

    [Test]
    public void A_server_comes_back_or_is_named_with_the_reason_of_the_kernel([Values("redis", "mariadb", "apache")] string app)
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-app-").FullName;
        CliResult result = Cli.Run("demo", "--app", app, "--json", "--out", folder);
        Directory.Delete(folder, recursive: true);
        bool back = result.Status == 0;
        TestContext.Out.WriteLine($"{app}: {result.Json("verdict")}");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.Zero.Or.EqualTo(1), result.Error);
            Assert.That(result.Json("verdict"), back ? Is.EqualTo("resurrected") : Does.Match("crash 1: [a-z0-9-]+ did not come back: [a-z]"));
            Assert.That(result.Json("lost_operations"), back ? Is.EqualTo("0") : Is.Empty.Or.EqualTo("null"));
            Assert.That(result.Json("app"), Is.EqualTo(app));
        });
    }

    private static string Ask(GuestShell shell, string command)
    {
        Assert.That(shell.Ask(command, out string answer), Is.Null);
        return string.Join(' ', answer.Split((char[])['\r', '\n', ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    private static DemoResult Run(DemoOptions options)
    {
        using DemoRun run = new(options with { Progress = TestContext.Progress.WriteLine });
        return run.Run();
    }
}
