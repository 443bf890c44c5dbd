using System.Security.Cryptography;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Tests.Images;

/// <summary>An image cache in a folder of its own, gone after the test.</summary>
internal sealed class TemporaryCache : IDisposable
{
    public TemporaryCache() => Folder = Directory.CreateTempSubdirectory("otherworld-images-").FullName;

    public string Folder { get; }

    public ImageCache Cache => new(Folder);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Puts a small image into the cache: a text as kernel, pseudo-random bytes as initramfs.</summary>
    public GuestImage Add(string name, string hash)
    {
        byte[] kernel = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * i >> 3))];
        byte[] initramfs = [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 31 + (i >> 8)))];
        string folder = Cache.FolderOf(name, hash);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "vmlinux"), kernel);
        File.WriteAllBytes(Path.Combine(folder, "initramfs.cpio"), initramfs);
        var manifest = new ImageManifest(ImageManifest.KnownFormat, name, hash, "6.1.0-test", ["linux-source-6.1 6.1.0"], new Dictionary<string, ImageFile>
        {
            [ImageRoles.Vmlinux] = Describe("vmlinux", kernel),
            [ImageRoles.Initramfs] = Describe("initramfs.cpio", initramfs),
        });
        File.WriteAllBytes(Path.Combine(folder, ImageManifest.FileName), manifest.ToJson());
        return GuestImage.Open(folder);
    }

    public static void FlipOneBit(string path, int offset)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private static ImageFile Describe(string path, byte[] content) => new(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
}
