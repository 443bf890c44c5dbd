using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emu.Core.Snapshots;
using Emu.Core.State;

namespace Emu.Core.Tests.Snapshots;

[TestFixture]
public sealed class StateSchemaTests
{
    private static IEnumerable<Type> StateTypes =>
        from type in typeof(IStateful).Assembly.GetTypes()
        where !type.IsAbstract && !type.ContainsGenericParameters && typeof(IStateful).IsAssignableFrom(type)
        let device = Bases(type).FirstOrDefault(b => b.IsGenericType && b.GetGenericTypeDefinition() == typeof(Device<>))
        where device is not null
        select device.GetGenericArguments()[0];

    [TestCaseSource(nameof(StateTypes))]
    public void Fields_of_every_state_cover_it_without_gap_or_overlap(Type state)
    {
        var schema = StateSchema.Of(state);
        int next = 0;
        foreach (StateField field in schema.Fields)
        {
            Assert.That(field.Offset, Is.EqualTo(next), field.Name);
            next += field.Size * field.Count;
        }

        Assert.That(next, Is.EqualTo(schema.Size));
        Assert.That(StateSchema.Parse(schema.Text).Hash, Is.EqualTo(schema.Hash));
    }

    [Test]
    public void Offsets_are_those_of_the_runtime()
    {
        var sample = default(Sample);
        sample.Wide = 0x1122334455667788;
        sample.Inner[1].Second = 0xABCD;
        var schema = StateSchema.Of(typeof(Sample));
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<Sample>(in sample));
        Assert.That(MemoryMarshal.Read<ulong>(bytes[Offset("Wide")..]), Is.EqualTo(0x1122334455667788));
        Assert.That(MemoryMarshal.Read<ushort>(bytes[Offset("Inner[1].Second")..]), Is.EqualTo(0xABCD));

        int Offset(string name) => schema.Fields.Single(field => field.Name == name).Offset;
    }

    [Test]
    public void A_renamed_or_moved_field_changes_the_hash()
    {
        Assert.That(StateSchema.Of(typeof(First)).Hash, Is.Not.EqualTo(StateSchema.Of(typeof(Second)).Hash));
        Assert.That(StateSchema.Of(typeof(First)).Hash, Is.Not.EqualTo(StateSchema.Of(typeof(Third)).Hash));
    }

    private static IEnumerable<Type> Bases(Type type)
    {
        for (Type? b = type; b is not null; b = b.BaseType)
            yield return b;
    }

    public struct Sample
    {
        public byte Small;
        public ulong Wide;
        public Pairs Inner;
    }

    public struct Pair
    {
        public byte First;
        public ushort Second;
    }

    [InlineArray(2)]
    public struct Pairs
    {
        private Pair _element;
    }

    public struct First
    {
        public uint A;
        public uint B;
    }

    public struct Second
    {
        public uint A;
        public uint C;
    }

    public struct Third
    {
        public uint B;
        public uint A;
    }
}
