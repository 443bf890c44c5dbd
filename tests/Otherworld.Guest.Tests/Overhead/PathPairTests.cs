using Otherworld.Guest.Overhead;

namespace Otherworld.Guest.Tests.Overhead;

/// <summary>What two lists of costs say about each other.</summary>
[TestFixture]
public sealed class PathPairTests
{
    [Test]
    public void One_usual_cost_decides()
    {
        PathPair pair = new(Count((220, 95), (900, 5)), Count((213, 97), (899, 3)));
        Assert.That(pair.Difference, Is.EqualTo(7));
        Assert.That(pair.Alike, Is.EqualTo(0.95));
    }

    /// <summary>Of many usual costs another one is the most usual in either kernel.</summary>
    [Test]
    public void Of_many_usual_costs_all_decide()
    {
        PathPair pair = new(Count((100, 20), (110, 30), (120, 29), (130, 21)), Count((100, 21), (110, 29), (120, 30), (130, 20)));
        Assert.That(pair.Patched.Mode, Is.EqualTo(110));
        Assert.That(pair.Unpatched.Mode, Is.EqualTo(120));
        Assert.That(pair.Difference, Is.Zero);
        Assert.That(pair.Alike, Is.EqualTo(0.98).Within(1e-9));
    }

    [Test]
    public void One_instruction_more_in_every_round_is_seen_among_many_costs()
    {
        PathPair pair = new(Count((101, 20), (111, 30), (121, 29), (131, 21)), Count((100, 21), (110, 29), (120, 30), (130, 20)));
        Assert.That(pair.Difference, Is.EqualTo(1));
    }

    [Test]
    public void Costs_that_have_nothing_in_common_are_not_alike()
    {
        PathPair pair = new(Count((100, 50), (117, 50)), Count((100, 10), (203, 10), (333, 10)));
        Assert.That(pair.Alike, Is.LessThan(0.2));
    }

    private static PathCount Count(params (long Value, int Count)[] values) => new("way", 100, values.ToDictionary(value => value.Value, value => value.Count));
}
