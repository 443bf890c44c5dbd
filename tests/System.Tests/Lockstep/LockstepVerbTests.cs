namespace System.Tests.Lockstep;

/// <summary><c>boot --lockstep</c> as a person sees it.</summary>
public sealed class LockstepVerbTests
{
    [TestCase("--lockstep")]
    [TestCase("--lockstep=7")]
    public void A_run_in_lockstep_ends_like_a_plain_one_and_says_that_nothing_differed(string option)
    {
        string kernel = BareMetal.Image(BareMetal.Print("hello\n"), BareMetal.PowerOff);
        CliResult plain = Cli.Run("boot", "--kernel", kernel);
        CliResult lockstep = Cli.Run("boot", "--kernel", kernel, option);
        Assert.Multiple(() =>
        {
            Assert.That(lockstep.Status, Is.Zero, lockstep.Error);
            Assert.That(lockstep.Output, Is.EqualTo("hello\n"));
            Assert.That(lockstep.Error, Does.Contain("lockstep: equal in all of"));
            Assert.That(FinalState(lockstep), Is.EqualTo(FinalState(plain)));
        });
    }

    [Test]
    public void Texts_and_limits_end_it_at_the_same_instruction_as_a_plain_run()
    {
        string kernel = BareMetal.Image(BareMetal.Print("login: more"), BareMetal.Loop);
        foreach (string[] end in new[] { new[] { "--until", "login:" }, ["--limit", "12_345_678"] })
        {
            CliResult plain = Cli.Run(["boot", "--kernel", kernel, "--json", .. end]);
            CliResult lockstep = Cli.Run(["boot", "--kernel", kernel, "--json", "--lockstep=100000", .. end]);
            Assert.Multiple(() =>
            {
                Assert.That(lockstep.Status, Is.EqualTo(plain.Status), lockstep.Error);
                Assert.That(lockstep.Json("icount"), Is.EqualTo(plain.Json("icount")));
                Assert.That(lockstep.Json("final_hash"), Is.EqualTo(plain.Json("final_hash")));
            });
        }
    }

    [TestCase("--lockstep=0", "wanted is a number of ticks")]
    [TestCase("--lockstep=often", "wanted is a number of ticks")]
    [TestCase("--lockstep --engine interpreter", "exclude each other")]
    public void Bad_use_gets_one_line(string options, string wanted)
    {
        CliResult result = Cli.Run(["boot", "--kernel", BareMetal.Image(BareMetal.PowerOff), .. options.Split(' ')]);
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(2));
            Assert.That(result.Error, Does.Contain(wanted));
        });
    }

    private static string FinalState(CliResult result) => result.Error.Split('\n').Single(line => line.Contains("final state: ", StringComparison.Ordinal));
}
