using System.Formats.Tar;
using System.Security.Cryptography;
using Emu.Core;
using Emu.Core.Snapshots;
using ZstdSharp;

namespace Otherworld.Guest.Images;

/// <summary>One image as one file: a tar archive, the manifest first, compressed with zstd. Built once, imported everywhere.</summary>
public static class ImageArchive
{
    private const int Level = 3;
    private const int LargestManifest = 1 << 20;

    // 2025-01-01: the date of every file in an image, so that exporting twice gives the same bytes.
    private static readonly DateTimeOffset Epoch = DateTimeOffset.FromUnixTimeSeconds(1735689600);

    /// <summary>Writes an image to a file, which appears under its name only when it is complete.</summary>
    /// <exception cref="OtherworldException">The image is damaged, or the file cannot be written.</exception>
    public static void Export(GuestImage image, string file)
    {
        ImageService.Verify(image);
        AtomicFile.Write(file, output =>
        {
            using var packed = new CompressionStream(output, Level, leaveOpen: true);
            using var tar = new TarWriter(packed, TarEntryFormat.Pax);
            using var manifest = new MemoryStream(image.Manifest.ToJson());
            Add(tar, ImageManifest.FileName, manifest);
            foreach (ImageFile part in image.Manifest.Files.Values.OrderBy(part => part.Path, StringComparer.Ordinal))
            {
                using FileStream content = File.OpenRead(Path.Combine(image.Folder, part.Path));
                Add(tar, part.Path, content);
            }
        });
    }

    /// <summary>Takes an exported image into a cache. Nothing appears there unless every file has the size and SHA-256 its manifest says.</summary>
    /// <exception cref="OtherworldException">The file cannot be read, is not an exported image, or is damaged.</exception>
    public static GuestImage Import(string file, ImageCache cache)
    {
        string? folder = null;
        try
        {
            using FileStream input = File.OpenRead(file);
            using var unpacked = new DecompressionStream(input);
            using var tar = new TarReader(unpacked);
            ImageManifest manifest = ReadManifest(tar, file);
            folder = cache.NewFolder(manifest.Name);
            Unpack(tar, manifest, folder, file);

            string finished = cache.FolderOf(manifest.Name, manifest.Hash);
            if (Directory.Exists(finished))
                Directory.Delete(finished, recursive: true);
            Directory.Move(folder, finished);
            folder = null;
            return GuestImage.Open(finished);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ZstdException or InvalidDataException or FormatException)
        {
            throw new OtherworldException($"cannot import {file}: {problem.Message}", 3);
        }
        finally
        {
            if (folder is not null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static void Add(TarWriter tar, string name, Stream content)
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { ModificationTime = Epoch, Mode = Mode, DataStream = content });
    }

    private static ImageManifest ReadManifest(TarReader tar, string file)
    {
        TarEntry? entry = tar.GetNextEntry();
        if (entry?.Name != ImageManifest.FileName || entry.DataStream is null || entry.Length > LargestManifest)
            throw new OtherworldException($"{file} is not an exported image: it does not begin with {ImageManifest.FileName}", 3);
        using var text = new MemoryStream();
        entry.DataStream.CopyTo(text);
        return ImageManifest.Parse(text.GetBuffer().AsSpan(0, (int)text.Length), $"{ImageManifest.FileName} in {file}");
    }

    private static void Unpack(TarReader tar, ImageManifest manifest, string folder, string file)
    {
        Dictionary<string, ImageFile> missing = manifest.Files.Values.ToDictionary(part => part.Path, StringComparer.Ordinal);
        while (tar.GetNextEntry() is { } entry)
        {
            if (!missing.Remove(entry.Name, out ImageFile? part) || entry.EntryType != TarEntryType.RegularFile)
                throw new OtherworldException($"{file} holds '{entry.Name}', which its manifest does not name (or twice)", 3);
            string found = CopyAndDigest(entry.DataStream ?? Stream.Null, Path.Combine(folder, part.Path));
            if (found != part.Sha256 || entry.Length != part.Size)
                throw new OtherworldException($"{file} is damaged: {part.Path} has SHA-256 {found} and {entry.Length} bytes, its manifest wants {part.Sha256} and {part.Size}", 3);
        }

        if (missing.Count > 0)
            throw new OtherworldException($"{file} lacks {string.Join(", ", missing.Keys)}", 3);
        File.WriteAllBytes(Path.Combine(folder, ImageManifest.FileName), manifest.ToJson());
    }

    private static string CopyAndDigest(Stream from, string path)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream to = File.Create(path);
        byte[] buffer = new byte[1 << 20];
        int got;
        while ((got = from.Read(buffer)) > 0)
        {
            digest.AppendData(buffer, 0, got);
            to.Write(buffer, 0, got);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }
}
