using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Campaigns.Apps;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Tests.Campaigns;

/// <summary>What an observer's log says of a server, in the words of campaigns.</summary>
[TestFixture]
public sealed class ServerVerdictTests
{
    private static readonly string[] Before = ["ready", "write op:2 value-2", "count visits 7"];

    private static IEnumerable<TestCaseData> Logs()
    {
        yield return Case("all is there", AppState.Correct, "held-begin", "held op:2 value-2", "held visits 7", "held-end");
        yield return Case("what was under way happened", AppState.Degraded, "doubt write op:4 value-4", "broken by the server", "held-begin", "held op:2 value-2", "held op:4 value-4", "held visits 7", "held-end");
        yield return Case("a connection was reset", AppState.Degraded, "doubt count visits", "broken Connection reset by peer", "held-begin", "held op:2 value-2", "held visits 7", "held-end");
        yield return Case("an operation was turned away", AppState.Degraded, "refused write op:4 value-4: ERR", "held-begin", "held op:2 value-2", "held visits 7", "held-end");
        yield return Case("an operation is gone", AppState.WrongData, "held-begin", "held visits 7", "held-end");
        yield return Case("an older value is back", AppState.WrongData, "held-begin", "held op:2 value-2", "held visits 6", "held-end");
        yield return Case("an operation happened twice", AppState.WrongData, "held-begin", "held op:2 value-2", "held visits 8", "held-end");
        yield return Case("a value that nobody wrote", AppState.WrongData, "held-begin", "held op:2 value-?", "held visits 7", "held-end");
        yield return Case("wrong data is worse than a broken connection", AppState.WrongData, "doubt count visits", "broken by the server", "held-begin", "held op:2 value-2", "held visits 9", "held-end");
    }

    [TestCaseSource(nameof(Logs))]
    public void The_log_decides(AppState wanted, string[] log)
    {
        Assert.That(ServerApp.Judge("redis", default(Moment), Compare(log)).State, Is.EqualTo(wanted));
    }

    [Test]
    public void Who_is_never_answered_has_not_come_back_unless_worse_is_known()
    {
        Assert.That(ServerApp.Judge("redis", null, Compare(Before)).State, Is.EqualTo(AppState.Silent));
        Assert.That(ServerApp.Judge("redis", null, Compare([.. Before, "count visits 7"])).State, Is.EqualTo(AppState.WrongData));
        Assert.That(ServerApp.Judge("redis", default(Moment), Compare(Before) with { Problem = "redis cannot be read back" }).State, Is.EqualTo(AppState.Silent));
    }

    private static TestCaseData Case(string name, AppState wanted, params string[] after) => new TestCaseData(wanted, (string[])[.. Before, .. after]).SetArgDisplayNames(name);

    private static Observation Compare(IEnumerable<string> log) => LogComparison.Of([.. log.Select(line => LogEntry.Read(line, default))]);
}
