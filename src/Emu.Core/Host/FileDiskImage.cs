using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.Json;
using Emu.Core.Devices.Disk;
using Emu.Core.Snapshots;
using Microsoft.Win32.SafeHandles;

namespace Emu.Core.Host;

/// <summary>A raw disk image file, opened for reading only. Its content hash is kept beside it, so that a large image is hashed once.</summary>
public sealed class FileDiskImage : IDiskImage, IDisposable
{
    private const int SectorSize = 512;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly Lazy<string> _contentHash;

    /// <param name="path">A raw image.</param>
    /// <exception cref="OtherworldException">The file cannot be read, is empty, or is not a whole number of sectors.</exception>
    public FileDiskImage(string path)
    {
        _path = path;
        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"disk image '{path}' cannot be read: {e.Message}");
        }

        long length = RandomAccess.GetLength(_file);
        if (length == 0 || length % SectorSize != 0)
        {
            _file.Dispose();
            throw new OtherworldException($"disk image '{path}' has {length} bytes, not a whole number of 512-byte sectors. Give a raw image (qemu-img convert -O raw).");
        }

        Length = (ulong)length;
        _contentHash = new Lazy<string>(FindContentHash, LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <inheritdoc/>
    public ulong Length { get; }

    /// <inheritdoc/>
    public string ContentHash => _contentHash.Value;

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(_file, destination, (long)offset);
            if (count == 0)
                throw new OtherworldException($"disk image '{_path}' became shorter while the machine was using it. Keep it unchanged.", 3);
            destination = destination[count..];
            offset += (ulong)count;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private string FindContentHash()
    {
        string beside = _path + ".xxh128.json";
        long modified = File.GetLastWriteTimeUtc(_path).Ticks;
        if (TryReadRecord(beside) is { } known && known.Length == (long)Length && known.Modified == modified)
            return known.Hash;
        var record = new ContentHashRecord((long)Length, modified, Compute());
        try
        {
            AtomicFile.Write(beside, stream => JsonSerializer.Serialize(stream, record, CoreJson.Default.ContentHashRecord));
        }
        catch (OtherworldException)
        {
            // Only a cache: the image may well lie where nothing can be written.
        }

        return record.Hash;
    }

    private static ContentHashRecord? TryReadRecord(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), CoreJson.Default.ContentHashRecord);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private string Compute()
    {
        var hash = new XxHash128();
        var buffer = new byte[1 << 20];
        for (ulong offset = 0; offset < Length;)
        {
            var count = (int)Math.Min((ulong)buffer.Length, Length - offset);
            Read(offset, buffer.AsSpan(0, count));
            hash.Append(buffer.AsSpan(0, count));
            offset += (ulong)count;
        }

        Span<byte> digest = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(digest, hash.GetCurrentHashAsUInt128());
        return Convert.ToHexStringLower(digest);
    }
}
