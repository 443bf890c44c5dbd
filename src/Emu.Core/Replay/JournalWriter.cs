using System.Buffers.Binary;
using System.IO.Hashing;

namespace Emu.Core.Replay;

/// <summary>Appends records to a journal. What was written is with the operating system at once, so a killed program loses nothing of it.</summary>
public sealed class JournalWriter : IDisposable
{
    private readonly Stream _stream;
    private byte[] _buffer = new byte[4096];
    private ulong _hash;

    /// <param name="stream">An empty stream; disposed with the writer. Seekable if the recorder is ever rewound.</param>
    /// <param name="start">State hash of the snapshot the run starts from.</param>
    public JournalWriter(Stream stream, UInt128 start)
    {
        _stream = stream;
        Span<byte> prologue = stackalloc byte[JournalFormat.PrologueLength];
        JournalFormat.Magic.CopyTo(prologue);
        BinaryPrimitives.WriteUInt128LittleEndian(prologue[8..], start);
        _stream.Write(prologue);
        _hash = XxHash3.HashToUInt64(prologue);
        Length = prologue.Length;
    }

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>Where it stands, to come back to.</summary>
    internal (long Length, ulong Hash) Mark() => (Length, _hash);

    /// <summary>Takes back what was appended since.</summary>
    internal void Rewind((long Length, ulong Hash) mark)
    {
        _stream.SetLength(mark.Length);
        _stream.Position = mark.Length;
        (Length, _hash) = mark;
    }

    /// <summary>Appends a record.</summary>
    /// <exception cref="OtherworldException">The disk is full or gone.</exception>
    public void Write(in JournalRecord record)
    {
        int length = JournalFormat.HeadLength + record.Payload.Length;
        if (_buffer.Length < length + JournalFormat.TailLength)
            Array.Resize(ref _buffer, length + JournalFormat.TailLength);
        JournalFormat.WriteHead(_buffer, record);
        record.Payload.Span.CopyTo(_buffer.AsSpan(JournalFormat.HeadLength));
        _hash = XxHash3.HashToUInt64(_buffer.AsSpan(0, length), (long)_hash);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(length), _hash);
        try
        {
            _stream.Write(_buffer, 0, length + JournalFormat.TailLength);
            _stream.Flush();
        }
        catch (IOException e)
        {
            throw new OtherworldException($"the journal cannot be written: {e.Message} What was recorded before can be replayed.", 3);
        }

        Length += length + JournalFormat.TailLength;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
