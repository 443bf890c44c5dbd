using Emu.Core;
using Emu.Core.State;
using Otherworld.Guest.Faults;

namespace Otherworld.Guest.Tests.Faults;

/// <summary>Specifications, and the classes and sets they name.</summary>
[TestFixture]
public sealed class FaultSpecTests
{
    [TestCase("text", "text,trigger=0,seed=1")]
    [TestCase("text@vfs_read", "text@vfs_read,trigger=0,seed=1")]
    [TestCase("heap@dentry,seed=7", "heap@dentry,trigger=0,seed=7")]
    [TestCase("branch@vfs_read+0x12,seed=18446744073709551615,trigger=1_000_000", "branch@vfs_read+0x12,trigger=1000000,seed=18446744073709551615")]
    [TestCase("nop,count=20", "nop,trigger=0,seed=1,count=20")]
    [TestCase("nop,count=1", "nop,trigger=0,seed=1")]
    public void A_specification_has_one_text_that_reads_back(string written, string canonical)
    {
        var spec = FaultSpec.Parse(written);
        Assert.That(spec.ToString(), Is.EqualTo(canonical));
        Assert.That(FaultSpec.Parse(canonical), Is.EqualTo(spec));
    }

    [TestCase("")]
    [TestCase("nonsense")]
    [TestCase("text@")]
    [TestCase("text,seed")]
    [TestCase("text,seed=-1")]
    [TestCase("text,seed=1,seed=1")]
    [TestCase("text,speed=1")]
    [TestCase("text,count=0")]
    [TestCase("text,count=1001")]
    [TestCase("panic,count=2")]
    public void Anything_else_is_refused(string text) => Assert.That(() => FaultSpec.Parse(text), Throws.TypeOf<OtherworldException>());

    [Test]
    public void Every_class_has_a_name_of_its_own_and_says_what_it_is()
    {
        Assert.That(FaultClasses.All.Select(each => each.Name), Is.Unique);
        Assert.That(FaultClasses.All, Is.All.Matches<FaultClass>(each => each.Summary.Length > 0 && each.Source.Length > 0 && FaultClasses.Find(each.Name) == each));
    }

    [Test]
    public void Every_class_there_is_is_listed()
    {
        IEnumerable<Type> written = typeof(FaultClass).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(FaultClass)));
        Assert.That(FaultClasses.All.Select(each => each.GetType()), Is.EquivalentTo(written));
    }

    [Test]
    public void The_published_mix_adds_up_and_is_drawn_as_published()
    {
        const int draws = 100_000;
        FaultSet set = FaultClasses.FindSet("palix");
        Assert.That(set.Classes.Sum(part => part.Weight), Is.EqualTo(100));
        Prng random = new(1);
        Dictionary<string, int> counts = [];
        for (int i = 0; i < draws; i++)
        {
            string name = set.Draw(ref random).Name;
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        foreach ((FaultClass each, uint weight) in set.Classes)
            Assert.That(counts[each.Name] * 100.0 / draws, Is.EqualTo((double)weight).Within(0.5), each.Name);
    }
}
