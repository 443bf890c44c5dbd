using System.Formats.Tar;
using Emu.Core;
using Otherworld.Guest.Images;
using ZstdSharp;

namespace Otherworld.Guest.Tests.Images;

public sealed class ImageArchiveTests
{
    private const string Hash = "0123456789abcdef";

    [Test]
    public void An_exported_image_is_the_same_after_import_elsewhere()
    {
        using var here = new TemporaryCache();
        using var there = new TemporaryCache();
        GuestImage image = here.Add("otherworld", Hash);
        string file = Path.Combine(here.Folder, "otherworld.tar.zst");
        ImageArchive.Export(image, file);

        GuestImage imported = ImageArchive.Import(file, there.Cache);

        Assert.That(imported.Folder, Is.EqualTo(there.Cache.FolderOf("otherworld", Hash)));
        foreach (string role in (string[])[ImageRoles.Vmlinux, ImageRoles.Initramfs])
            Assert.That(File.ReadAllBytes(imported.Path(role)), Is.EqualTo(File.ReadAllBytes(image.Path(role))));
        Assert.That(() => ImageService.Verify(imported), Throws.Nothing);
    }

    [Test]
    public void Exporting_twice_gives_the_same_bytes()
    {
        using var here = new TemporaryCache();
        GuestImage image = here.Add("otherworld", Hash);
        string first = Path.Combine(here.Folder, "first"), second = Path.Combine(here.Folder, "second");
        ImageArchive.Export(image, first);
        ImageArchive.Export(image, second);
        Assert.That(File.ReadAllBytes(second), Is.EqualTo(File.ReadAllBytes(first)));
    }

    [Test]
    public void A_damaged_image_is_not_exported()
    {
        using var here = new TemporaryCache();
        GuestImage image = here.Add("otherworld", Hash);
        TemporaryCache.FlipOneBit(image.Path(ImageRoles.Initramfs), 4321);
        string file = Path.Combine(here.Folder, "otherworld.tar.zst");
        Assert.That(() => ImageArchive.Export(image, file), Throws.TypeOf<OtherworldException>().With.Message.Contains("initramfs.cpio is damaged"));
        Assert.That(File.Exists(file), Is.False);
    }

    [Test]
    public void A_file_that_does_not_match_its_manifest_is_refused_and_leaves_nothing()
    {
        using var here = new TemporaryCache();
        using var there = new TemporaryCache();
        string file = Path.Combine(here.Folder, "bad.tar.zst");
        GuestImage image = here.Add("otherworld", Hash);
        TemporaryCache.FlipOneBit(image.Path(ImageRoles.Vmlinux), 100);
        Pack(file, image, "manifest.json", "vmlinux", "initramfs.cpio");

        Assert.That(() => ImageArchive.Import(file, there.Cache), Throws.TypeOf<OtherworldException>()
            .With.Message.Contains("vmlinux has SHA-256").And.Property(nameof(OtherworldException.ExitCode)).EqualTo(3));
        Assert.That(there.Cache.HashesOf("otherworld"), Is.Empty);
        Assert.That(Directory.GetDirectories(Path.Combine(there.Folder, "images", "otherworld")), Is.Empty);
    }

    [Test]
    public void An_archive_that_lacks_a_file_is_refused()
    {
        using var here = new TemporaryCache();
        string file = Path.Combine(here.Folder, "short.tar.zst");
        Pack(file, here.Add("otherworld", Hash), "manifest.json", "vmlinux");
        Assert.That(() => ImageArchive.Import(file, here.Cache), Throws.TypeOf<OtherworldException>().With.Message.Contains("lacks initramfs.cpio"));
    }

    [Test]
    public void A_truncated_archive_is_refused([Values(3, 40, 4000, 20_000)] int length)
    {
        using var here = new TemporaryCache();
        using var there = new TemporaryCache();
        string file = Path.Combine(here.Folder, "cut.tar.zst");
        ImageArchive.Export(here.Add("otherworld", Hash), file);
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..Math.Min(length, whole.Length - 8)]);
        Assert.That(() => ImageArchive.Import(file, there.Cache), Throws.TypeOf<OtherworldException>());
        Assert.That(there.Cache.HashesOf("otherworld"), Is.Empty);
    }

    [Test]
    public void A_foreign_file_is_refused()
    {
        using var here = new TemporaryCache();
        string file = Path.Combine(here.Folder, "foreign");
        File.WriteAllText(file, "this is no archive at all, just a line of text\n");
        Assert.That(() => ImageArchive.Import(file, here.Cache), Throws.TypeOf<OtherworldException>().With.Message.Contains(file));
    }

    [Test]
    public void A_manifest_cannot_name_a_file_outside_its_folder()
    {
        const string Json = """{"format":1,"name":"otherworld","hash":"00","release":"x","packages":[],"files":{"vmlinux":{"path":"../vmlinux","size":1,"sha256":"00"}}}""";
        Assert.That(() => ImageManifest.Parse(System.Text.Encoding.UTF8.GetBytes(Json), "test"), Throws.TypeOf<OtherworldException>().With.Message.Contains("../vmlinux"));
    }

    private static void Pack(string file, GuestImage image, params string[] names)
    {
        using FileStream output = File.Create(file);
        using var packed = new CompressionStream(output);
        using var tar = new TarWriter(packed);
        foreach (string name in names)
            tar.WriteEntry(Path.Combine(image.Folder, name), name);
    }
}
