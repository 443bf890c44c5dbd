using System.Buffers.Binary;

namespace Emu.Core.Replay;

/// <summary>The bytes of a journal; described in docs/run-format.md.</summary>
internal static class JournalFormat
{
    /// <summary>Version of the format; the last byte of the magic. Version 1 has no inputs to memory, version 2 none from networks, version 3 none from the virtio console, version 4 none to registers; all are read too.</summary>
    public const byte Version = 5;

    /// <summary>Bytes of a record before its payload: kind, source, two zeroes, length of the payload, tick.</summary>
    public const int HeadLength = 16;

    /// <summary>Bytes of a record behind its payload: its hash, seeded with the hash of the record before.</summary>
    public const int TailLength = 8;

    /// <summary>Longest payload a reader believes.</summary>
    public const int LongestPayload = 1 << 24;

    /// <summary>Bytes before the first record: magic and state hash of the snapshot the run starts from.</summary>
    public const int PrologueLength = 8 + 16;

    /// <summary>How a journal begins.</summary>
    public static ReadOnlySpan<byte> Magic => [(byte)'O', (byte)'W', (byte)'J', (byte)'R', (byte)'N', (byte)'L', 0, Version];

    /// <summary>Writes the head of a record.</summary>
    public static void WriteHead(Span<byte> head, in JournalRecord record)
    {
        head[..HeadLength].Clear();
        head[0] = (byte)record.Kind;
        head[1] = (byte)record.Source;
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], record.Payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(head[8..], record.Tick);
    }
}
