using Iced.Intel;

namespace Fuzz.Tests.Programs;

/// <summary>A random program as bytes.</summary>
internal sealed class ProgramText
{
    private const int Items = 1500;
    private const int LongestInstruction = 15;

    private readonly ulong[] _starts;
    private readonly byte[] _bytes;

    /// <param name="dice">Draws it.</param>
    /// <param name="origin">Linear address of its first byte.</param>
    public ProgramText(Dice dice, ulong origin)
    {
        Origin = origin;
        ProgramWriter writer = new(dice);
        while (writer.Items.Count < Items)
            writer.Write();
        IReadOnlyList<ProgramItem> items = writer.Items;

        // Twice: sizes do not depend on targets, so the second time all of them are known.
        _starts = new ulong[items.Count];
        Encode(items, writer.Fallback);
        _bytes = Encode(items, writer.Fallback);
    }

    public ulong Origin { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Addresses of all instructions.</summary>
    public IReadOnlyList<ulong> Starts => _starts;

    private byte[] Encode(IReadOnlyList<ProgramItem> items, Instruction fallback)
    {
        List<byte> bytes = [];
        Encoder encoder = Encoder.Create(64, new ByteWriter(bytes));
        for (int i = 0; i < items.Count; i++)
        {
            ulong ip = Origin + (ulong)bytes.Count;
            _starts[i] = ip;
            int before = bytes.Count;
            ulong target = items[i].Target >= 0 ? _starts[items[i].Target % items.Count] : 0;
            if (target == 0)
                target = ip;
            if (encoder.TryEncode(items[i].At(target), ip, out _, out _) && bytes.Count - before <= LongestInstruction)
                continue;
            bytes.RemoveRange(before, bytes.Count - before); // a short branch that does not reach
            encoder.TryEncode(fallback, ip, out _, out _);
        }

        return [.. bytes];
    }

    private sealed class ByteWriter(List<byte> bytes) : CodeWriter
    {
        public override void WriteByte(byte value) => bytes.Add(value);
    }
}
