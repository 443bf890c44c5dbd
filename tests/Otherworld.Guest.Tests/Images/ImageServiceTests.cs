using Emu.Core;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Tests.Images;

public sealed class ImageServiceTests
{
    [Test]
    public void A_missing_image_is_refused_with_the_command_that_builds_it()
    {
        using var temporary = new TemporaryCache();
        var service = new ImageService(temporary.Cache, inputs: null);
        Assert.That(() => service.Find("otherworld"), Throws.TypeOf<OtherworldException>()
            .With.Message.Contains("./otherworld image build otherworld").And.Property(nameof(OtherworldException.ExitCode)).EqualTo(3));
    }

    [Test]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        using var temporary = new TemporaryCache();
        var service = new ImageService(temporary.Cache, inputs: null);
        Assert.That(() => service.Find("windows"), Throws.TypeOf<OtherworldException>()
            .With.Message.Contains("otherworld, stock").And.Property(nameof(OtherworldException.ExitCode)).EqualTo(2));
    }

    [Test]
    public void An_image_of_other_sources_does_not_fit_a_checkout()
    {
        using var temporary = new TemporaryCache();
        temporary.Add("otherworld", "00000000deadbeef");
        var service = new ImageService(temporary.Cache, Checkout());
        Assert.That(() => service.Find("otherworld"), Throws.TypeOf<OtherworldException>()
            .With.Message.Contains("00000000deadbeef").And.Message.Contains(Checkout().HashOf("otherworld")));
    }

    [Test]
    public void The_image_of_these_sources_is_found()
    {
        using var temporary = new TemporaryCache();
        GuestImage image = temporary.Add("otherworld", Checkout().HashOf("otherworld"));
        Assert.That(new ImageService(temporary.Cache, Checkout()).Find("otherworld").Folder, Is.EqualTo(image.Folder));
    }

    [Test]
    public void The_image_that_something_was_made_with_comes_before_the_newest([Values] bool isWrittenDown)
    {
        using var temporary = new TemporaryCache();
        GuestImage made = temporary.Add("debian", "00000000deadbeef");
        File.SetLastWriteTimeUtc(Path.Combine(made.Folder, ImageManifest.FileName), DateTime.UnixEpoch);
        temporary.Add("debian", "00000000cafecafe");
        var service = new ImageService(temporary.Cache, inputs: null);
        Assert.That(service.FindMadeWith(isWrittenDown ? made.Identity : null, "debian").Identity, Is.EqualTo(isWrittenDown ? "debian/00000000deadbeef" : "debian/00000000cafecafe"));
        Assert.That(service.FindMadeWith("debian/0123456789abcdef", "debian").Identity, Is.EqualTo("debian/00000000cafecafe"), "it is gone");
    }

    [Test]
    public void Without_a_checkout_any_image_will_do_but_none_can_be_built()
    {
        using var temporary = new TemporaryCache();
        GuestImage image = temporary.Add("stock", "00000000deadbeef");
        var service = new ImageService(temporary.Cache, inputs: null);
        Assert.That(service.Find("stock").Identity, Is.EqualTo("stock/00000000deadbeef"));
        Assert.That(image.Manifest.Release, Is.EqualTo("6.1.0-test"));
        Assert.That(() => service.Build("stock"), Throws.TypeOf<OtherworldException>().With.Message.Contains("image import"));
    }

    [Test]
    public void A_changed_bit_is_found_by_verify_and_a_changed_length_already_by_opening()
    {
        using var temporary = new TemporaryCache();
        GuestImage image = temporary.Add("otherworld", "00000000deadbeef");
        Assert.That(() => ImageService.Verify(image), Throws.Nothing);
        TemporaryCache.FlipOneBit(image.Path(ImageRoles.Vmlinux), 4999);
        Assert.That(() => ImageService.Verify(image), Throws.TypeOf<OtherworldException>().With.Message.Contains("image build otherworld --force"));
        File.AppendAllText(image.Path(ImageRoles.Vmlinux), "x");
        Assert.That(() => GuestImage.Open(image.Folder), Throws.TypeOf<OtherworldException>().With.Message.Contains("5001 bytes instead of 5000"));
        Assert.That(temporary.Cache.All(), Is.Empty);
    }

    [Test]
    public void A_list_names_every_image_once()
    {
        using var temporary = new TemporaryCache();
        temporary.Add("otherworld", "0000000000000001");
        temporary.Add("otherworld", "0000000000000002");
        temporary.Add("stock", "0000000000000003");
        Directory.CreateSymbolicLink(Path.Combine(temporary.Folder, "images", "otherworld", "current"), "0000000000000001");
        Assert.That(temporary.Cache.All().Select(image => image.Identity),
            Is.EquivalentTo((string[])["otherworld/0000000000000001", "otherworld/0000000000000002", "stock/0000000000000003"]));
    }

    [Test]
    public void The_hash_of_the_inputs_is_the_one_the_build_script_computes([Values("otherworld", "stock", "debian")] string name)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("images/build needs bash and coreutils");
        Assert.That(Checkout().HashOf(name), Is.EqualTo(Script("hash", name)));
    }

    [Test]
    public void The_build_script_refuses_an_image_it_does_not_know()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("images/build needs bash and coreutils");
        Assert.That(() => Script("hash", "windows"), Throws.InvalidOperationException.With.Message.EqualTo("status 2"));
    }

    private static ImageInputs Checkout() => ImageInputs.FindAround(AppContext.BaseDirectory)!;

    private static string Script(params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Checkout().Script);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using var script = System.Diagnostics.Process.Start(start)!;
        string output = script.StandardOutput.ReadToEnd().Trim();
        script.WaitForExit();
        return script.ExitCode == 0 ? output : throw new InvalidOperationException($"status {script.ExitCode}");
    }
}
