using System.Buffers.Binary;
using System.IO.Hashing;
using Emu.Core.Machine;

namespace Emu.Core.Replay;

/// <summary>Reads a journal from its beginning, record by record, and believes nothing.</summary>
public sealed class JournalReader : IDisposable
{
    private readonly Stream _stream;
    private readonly string _name;
    private ulong _hash;
    private ulong _lastTick;

    /// <param name="stream">The journal; disposed with the reader.</param>
    /// <param name="name">What people call it.</param>
    /// <exception cref="OtherworldException">It is no journal, or one of another version.</exception>
    public JournalReader(Stream stream, string name)
    {
        _stream = stream;
        _name = name;
        Span<byte> prologue = stackalloc byte[JournalFormat.PrologueLength];
        int read = stream.ReadAtLeast(prologue, prologue.Length, throwOnEndOfStream: false);
        if (read < prologue.Length || !prologue[..7].SequenceEqual(JournalFormat.Magic[..7]))
            throw new OtherworldException($"'{name}' is not a journal: it does not begin with 'OWJRNL'.");
        if (prologue[7] is 0 or > JournalFormat.Version)
            throw new OtherworldException($"'{name}' has journal format {prologue[7]}; this program reads formats up to {JournalFormat.Version}. Use the program that wrote it.");
        Start = BinaryPrimitives.ReadUInt128LittleEndian(prologue[8..]);
        _hash = XxHash3.HashToUInt64(prologue);
        Position = prologue.Length;
    }

    /// <summary>State hash of the snapshot the run starts from.</summary>
    public UInt128 Start { get; }

    /// <summary>Bytes read.</summary>
    public long Position { get; private set; }

    /// <summary>The journal ended in the middle of a record: the recorder was killed, or the file cut.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Reads the next record.</summary>
    /// <returns>False at the end; see <see cref="Truncated"/>.</returns>
    /// <exception cref="OtherworldException">The journal is damaged.</exception>
    public bool TryRead(out JournalRecord record)
    {
        record = default;
        Span<byte> head = stackalloc byte[JournalFormat.HeadLength];
        int read = _stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < head.Length)
        {
            Truncated = read > 0;
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (length is < 0 or > JournalFormat.LongestPayload)
            throw Damaged("a record has an impossible length");
        byte[] rest = new byte[length + JournalFormat.TailLength];
        if (_stream.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length)
        {
            Truncated = true;
            return false;
        }

        var hash = new XxHash3((long)_hash);
        hash.Append(head);
        hash.Append(rest.AsSpan(0, length));
        _hash = hash.GetCurrentHashAsUInt64();
        if (_hash != BinaryPrimitives.ReadUInt64LittleEndian(rest.AsSpan(length)))
            throw Damaged("a record does not have the hash it should");
        record = new JournalRecord((JournalRecordKind)head[0], (InputSource)head[1], BinaryPrimitives.ReadUInt64LittleEndian(head[8..]), rest.AsMemory(0, length));
        if (!Enum.IsDefined(record.Kind) || !Enum.IsDefined(record.Source) || record.Tick < _lastTick)
            throw Damaged("a record makes no sense");
        _lastTick = record.Tick;
        Position += head.Length + rest.Length;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>What to say about a journal that is not what it was.</summary>
    internal OtherworldException Damaged(string why) => new($"the journal '{_name}' is damaged at byte {Position}: {why}.");
}
