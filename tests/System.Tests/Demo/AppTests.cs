using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Observing;

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

    /// <summary>A session that cannot be read, and one that cannot be written, are not begun anew behind their visitor's back.</summary>
    [Test]
    public void A_visit_is_not_counted_when_its_session_fails()
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Debian });
        Assert.That(run.Boot(), Is.Null);
        GuestShell shell = new(run.Console, 0);
        Assert.That(Ask(shell, "services start apache"), Does.Contain("apache answers"));

        const string sessions = "/var/lib/php/sessions";
        const string visit = "curl -s -w '%{http_code}' -b /work/jar http://127.0.0.1/count.php";
        Assert.That(Ask(shell, $"{visit} -c /work/jar"), Is.EqualTo("visits 1 200"));
        Ask(shell, $"mv {sessions} {sessions}.away");
        Assert.That(Ask(shell, visit), Does.StartWith("no visit was counted: session_start()").And.EndsWith(" 503"));
        Ask(shell, $"mv {sessions}.away {sessions}");
        Assert.That(Ask(shell, visit), Is.EqualTo("visits 2 200"));

        Ask(shell, $"truncate -s 0 {sessions}/*; sync; fallocate -l 512M /work/full; cat /dev/zero >/work/rest");
        Assert.That(Ask(shell, visit), Does.StartWith("no visit was counted: session_write_close()").And.EndsWith(" 503"));
        Ask(shell, "rm /work/full /work/rest");
        Assert.That(Ask(shell, visit), Is.EqualTo("visits 1 200"));
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

    [TestCase(DemoApp.Vi, 2UL), TestCase(DemoApp.Redis, 1UL), TestCase(DemoApp.MariaDb, 1UL), TestCase(DemoApp.Apache, 3UL)]
    public void An_application_outlives_two_kernels_and_loses_nothing(DemoApp app, ulong seed)
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Debian, App = app, Seed = seed, Crashes = 2 });
        TestContext.Out.WriteLine($"from death to the next answer: {result.Interruption?.Icount:#,0} instructions");
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo("resurrected"));
            Assert.That(result.LostOperations, Is.Zero);
            Assert.That(result.Interruption?.Icount, Is.GreaterThan(0).And.LessThan(400_000_000));
            Assert.That(result.BytesRead!.Application, Is.GreaterThan(0).And.LessThan(result.BytesRead.All));
        });
    }

    /// <summary>A server that an observer in another machine uses without a pause. Its kernels have the same memory all along.</summary>
    [TestCase(DemoApp.Redis), TestCase(DemoApp.MariaDb), TestCase(DemoApp.Apache), Category("Slow")]
    public void A_server_outlives_twenty_kernels_under_load(DemoApp app)
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Debian, App = app, Observer = new ObserverSettings(), Seed = 1, Crashes = 20 });
        TestContext.Out.WriteLine($"first {result.Memory[0]}, last {result.Memory[^1]}");
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo("resurrected"));
            Assert.That(result.LostOperations, Is.Zero);
            Assert.That(result.Memory, Has.Count.EqualTo(20));
        });
    }

    /// <summary>
    /// MEMORY tables, and sessions in APCu, of servers that nobody has patched: they are in no file until the crash procedure puts them there, and what answers afterwards
    /// is another program.
    /// </summary>
    [TestCase(DemoApp.MariaDb, 2), TestCase(DemoApp.Apache, 2)]
    public void What_only_memory_holds_outlives_a_restart_by_a_crash_procedure(DemoApp app, int crashes)
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Debian, App = app, Procedure = true, Seed = 1, Crashes = crashes });
        TestContext.Out.WriteLine($"from death to the next answer: {result.Interruption?.Icount:#,0} instructions");
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo("resurrected"));
            Assert.That(result.LostOperations, Is.Zero);
            Assert.That(result.Processes.Count(process => process.Comm == DemoApps.CommOf(app) && process.Procedure == "restarted"), Is.EqualTo(1));
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
