using System.IO.Hashing;

namespace Emu.Core.Devices.Disk;

/// <summary>A disk image in memory.</summary>
public sealed class MemoryDiskImage : IDiskImage
{
    private readonly byte[] _bytes;

    /// <param name="bytes">A multiple of 512 bytes, not to be changed any more.</param>
    public MemoryDiskImage(byte[] bytes)
    {
        Check.That(bytes.Length % 512 == 0);
        _bytes = bytes;
        ContentHash = Convert.ToHexStringLower(XxHash128.Hash(bytes));
    }

    /// <inheritdoc/>
    public ulong Length => (ulong)_bytes.Length;

    /// <inheritdoc/>
    public string ContentHash { get; }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> destination) => _bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
}
