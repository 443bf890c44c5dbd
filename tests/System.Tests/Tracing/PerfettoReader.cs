using System.Text;

namespace System.Tests.Tracing;

/// <summary>Reads a trace back by the rules of Protocol Buffers, knowing only Perfetto's field numbers.</summary>
internal sealed class PerfettoReader
{
    private readonly SortedDictionary<ulong, string> _names = [];

    public PerfettoReader(byte[] trace)
    {
        foreach ((int field, ulong _, byte[] packet) in Fields(trace))
        {
            Assert.That(field, Is.EqualTo(1));
            Read(Fields(packet));
        }
    }

    /// <summary>How many slices are open on each track at the end.</summary>
    public SortedDictionary<ulong, int> Balance { get; } = [];

    /// <summary>How many slices have each name.</summary>
    public SortedDictionary<string, int> Slices { get; } = new(StringComparer.Ordinal);

    /// <summary>When the first slice of each name begins.</summary>
    public SortedDictionary<string, ulong> FirstBegin { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of what happened at one moment.</summary>
    public SortedSet<string> Marks { get; } = new(StringComparer.Ordinal);

    /// <summary>Last name of each thread.</summary>
    public SortedDictionary<ulong, string> Threads { get; } = [];

    private void Read(List<(int Field, ulong Number, byte[] Bytes)> packet)
    {
        foreach ((_, _, byte[] data) in packet.Where(field => field.Field == 12))
        {
            foreach ((_, _, byte[] entry) in Fields(data))
                _names.Add(Number(Fields(entry), 1), Text(Fields(entry), 2));
        }

        foreach ((_, _, byte[] descriptor) in packet.Where(field => field.Field == 60))
        {
            foreach ((_, _, byte[] thread) in Fields(descriptor).Where(field => field.Field == 4))
                Threads[Number(Fields(thread), 2)] = Text(Fields(thread), 5);
        }

        foreach ((_, _, byte[] bytes) in packet.Where(field => field.Field == 11))
            ReadEvent(Fields(bytes), Number(packet, 8));
    }

    private void ReadEvent(List<(int Field, ulong Number, byte[] Bytes)> fields, ulong when)
    {
        ulong track = Number(fields, 11);
        switch (Number(fields, 9))
        {
            case 1:
                string name = _names[Number(fields, 10)];
                Balance[track] = Balance.GetValueOrDefault(track) + 1;
                Slices[name] = Slices.GetValueOrDefault(name) + 1;
                FirstBegin.TryAdd(name, when);
                break;
            case 2:
                Assert.That(Balance.GetValueOrDefault(track), Is.Positive, $"an end without a beginning at {when}");
                Balance[track]--;
                break;
            default:
                Marks.Add(_names[Number(fields, 10)]);
                break;
        }
    }

    private static ulong Number(List<(int Field, ulong Number, byte[] Bytes)> fields, int field) => fields.Single(one => one.Field == field).Number;

    private static string Text(List<(int Field, ulong Number, byte[] Bytes)> fields, int field) => Encoding.UTF8.GetString(fields.Single(one => one.Field == field).Bytes);

    private static List<(int Field, ulong Number, byte[] Bytes)> Fields(byte[] message)
    {
        List<(int, ulong, byte[])> fields = [];
        int at = 0;
        while (at < message.Length)
        {
            ulong key = Varint(message, ref at);
            ulong value = Varint(message, ref at);
            byte[] bytes = [];
            if ((key & 7) == 2)
            {
                bytes = message[at..(at + (int)value)];
                at += (int)value;
            }

            Assert.That(key & 7, Is.EqualTo(0UL).Or.EqualTo(2UL));
            fields.Add(((int)(key >> 3), value, bytes));
        }

        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
