using Otherworld.Guest.Consoles;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Tests.Observing;

/// <summary>What an observer calls lost, duplicated and corrupted. A log is written here as one line.</summary>
public sealed class LogComparisonTests
{
    [Test]
    public void A_server_that_holds_what_it_acknowledged_has_lost_nothing()
    {
        Observation found = Compare("ready; count visits 7; write a one; count visits 8; write a two; held-begin; held visits 8; held a two; held-end; count visits 9");
        Assert.Multiple(() =>
        {
            Assert.That((found.Lost, found.Duplicated, found.Corrupted, found.Problem), Is.EqualTo((0, 0, 0, (string?)null)));
            Assert.That((found.Acknowledged, found.InDoubt, found.Refused, found.Broken), Is.EqualTo((5, 0, 0, 0)));
        });
    }

    [TestCase("count v 1; count v 2; count v 2", 1, 0, 0, "v is 2 where at least 3 was acknowledged")]
    [TestCase("count v 5; count v 1", 5, 0, 0, "v is 1 where at least 6 was acknowledged")]
    [TestCase("count v 1; count v 3", 0, 1, 0, "v is 3 where at most 2 was asked for")]
    [TestCase("count v 4; held-begin; held v 3; held-end", 1, 0, 0, "v is 3 where at least 4 was acknowledged")]
    [TestCase("count v 4; held-begin; held v 6; held-end", 0, 2, 0, "v is 6 where at most 4 was asked for")]
    [TestCase("count v 4; held-begin; held v x; held-end", 0, 0, 1, "v is 'x', no number")]
    [TestCase("write a one; held-begin; held-end", 1, 0, 0, "a is gone, where 'one' was acknowledged")]
    [TestCase("write a one; write a two; held-begin; held a one; held-end", 1, 0, 0, "a is 'one' again, where 'two' was acknowledged later")]
    [TestCase("write a one; held-begin; held a other; held-end", 0, 0, 1, "a is 'other', where 'one' was acknowledged")]
    [TestCase("write t/1 one; held-begin; held t/1 one; held t/2 one; held-end", 0, 1, 0, "t/2 is 'one', which was acknowledged once, under another key")]
    [TestCase("write t/1 one; held-begin; held t/1 one; held t/2 two; held-end", 0, 0, 1, "t/2 is 'two', and nobody wrote that")]
    [TestCase("write t/1 one; doubt write t/? two; held-begin; held t/1 one; held t/2 two; held t/3 two; held-end", 0, 0, 1, "t/3 is 'two', and nobody wrote that")]
    public void What_is_wrong_is_counted_and_named(string log, int lost, int duplicated, int corrupted, string problem)
    {
        Observation found = Compare(log);
        Assert.That((found.Lost, found.Duplicated, found.Corrupted, found.Problem), Is.EqualTo((lost, duplicated, corrupted, problem)));
    }

    [TestCase("count v 1; doubt count v; broken reset; count v 2")]
    [TestCase("count v 1; doubt count v; broken reset; count v 3")]
    [TestCase("count v 1; doubt count v; broken reset; held-begin; held v 2; held-end")]
    [TestCase("write a one; doubt write a two; held-begin; held a one; held-end")]
    [TestCase("write a one; doubt write a two; held-begin; held a two; held-end")]
    [TestCase("doubt write t/? two; held-begin; held t/2 two; held-end")]
    [TestCase("doubt write t/? two; held-begin; held-end")]
    public void What_was_in_doubt_may_have_happened_or_not(string log)
    {
        Observation found = Compare(log);
        Assert.That((found.Problem, found.InDoubt), Is.EqualTo(((string?)null, 1)));
    }

    [Test]
    public void Only_the_last_whole_reading_counts() =>
        Assert.That(Compare("write a one; held-begin; broken reset; held-begin; held a one; held-end; write b two").Problem, Is.Null);

    [Test]
    public void The_longest_interruption_is_between_two_answers_reading_back_included()
    {
        Transcript log = null!;
        ulong now = 0;
        log = new Transcript(() => log.Stamp(new Moment(now * 10, now)));
        foreach ((ulong when, string line) in ((ulong, string)[])[(1, "count v 1"), (5, "held-begin"), (9, "held v 1"), (12, "held-end"), (20, "count v 2"), (23, "count v 3")])
        {
            now = when;
            log.Write(System.Text.Encoding.ASCII.GetBytes(line + "\r\n"));
        }

        Assert.That(LogComparison.Of(LogEntry.ReadAll(log)).LongestInterruption, Is.EqualTo(new Moment(80, 8)));
    }

    private static Observation Compare(string log) =>
        LogComparison.Of([.. log.Split("; ").Select((line, index) => LogEntry.Read(line, new Moment((ulong)index, (ulong)index * 1_000_000)))]);
}
