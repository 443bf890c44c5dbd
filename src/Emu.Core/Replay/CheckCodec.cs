using System.Buffers.Binary;
using ZstdSharp;

namespace Emu.Core.Replay;

/// <summary>
/// Turns the checks of one run into payloads and back: one byte that says whether there is a memory hash, that hash, and the parts as their
/// difference (exclusive or) to the check before, compressed with zstd. So each check costs what has changed.
/// </summary>
internal sealed class CheckCodec : IDisposable
{
    private const int PrefixLength = 9;

    private readonly Compressor _compressor = new(level: 1);
    private readonly Decompressor _decompressor = new();
    private readonly byte[] _difference;
    private byte[] _before;

    /// <param name="partsLength">Bytes of all state structs of the machine.</param>
    public CheckCodec(int partsLength)
    {
        _before = new byte[partsLength];
        _difference = new byte[partsLength];
    }

    /// <summary>The parts of the last check, which the next one is the difference to.</summary>
    public byte[] Before
    {
        get => _before;
        set => _before = value;
    }

    /// <summary>The payload of the next check.</summary>
    public ReadOnlyMemory<byte> Encode(in StateCheck check)
    {
        Exclusive(check.Parts);
        Span<byte> packed = _compressor.Wrap(_difference);
        byte[] payload = new byte[PrefixLength + packed.Length];
        payload[0] = check.Memory is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(1), check.Memory ?? 0);
        packed.CopyTo(payload.AsSpan(PrefixLength));
        _before = check.Parts;
        return payload;
    }

    /// <summary>The next check from its payload.</summary>
    /// <exception cref="InvalidDataException">It is none, or one of a machine with other parts.</exception>
    public StateCheck Decode(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < PrefixLength || payload[0] > 1)
            throw new InvalidDataException("a check makes no sense");
        try
        {
            if (_decompressor.Unwrap(payload[PrefixLength..], _difference) != _difference.Length)
                throw new InvalidDataException("a check is of a machine with other parts");
        }
        catch (ZstdException e)
        {
            throw new InvalidDataException("a check is not compressed as it should be, or is of a machine with other parts", e);
        }

        byte[] parts = new byte[_before.Length];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = (byte)(_before[i] ^ _difference[i]);
        _before = parts;
        return new StateCheck(parts, payload[0] == 1 ? BinaryPrimitives.ReadUInt64LittleEndian(payload[1..]) : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }

    private void Exclusive(byte[] parts)
    {
        Check.That(parts.Length == _before.Length, "a check of another machine");
        for (int i = 0; i < parts.Length; i++)
            _difference[i] = (byte)(_before[i] ^ parts[i]);
    }
}
