using Otherworld.Guest.Images;

namespace System.Tests;

/// <summary>The guest images of this checkout, built once when the cache lacks them (some minutes, as root; the reason stands on standard error otherwise).</summary>
internal static class Images
{
    /// <summary>The virtio devices of the default machine, for a kernel that is told of them on its command line.</summary>
    public const string VirtioOnTheCommandLine =
        "virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00200:9 virtio_mmio.device=512@0xfeb00400:10";

    private static readonly Lazy<GuestImage> OtherworldOnce = new(() => ImageService.OfThisUser().FindOrBuild("otherworld"));
    private static readonly Lazy<GuestImage> StockOnce = new(() => ImageService.OfThisUser().FindOrBuild("stock"));
    private static readonly Lazy<GuestImage> DebianOnce = new(() => ImageService.OfThisUser().FindOrBuild("debian"));
    private static readonly Lazy<GuestImage> ProtectedOnce = new(() => ImageService.OfThisUser().FindOrBuild("protected"));

    /// <summary>The same kernel with a Debian 12 system on its disk.</summary>
    public static GuestImage Debian => DebianOnce.Value;

    /// <summary>That system under the kernel of protected mode.</summary>
    public static GuestImage Protected => ProtectedOnce.Value;

    /// <summary>Our patched kernel with its root file system and data disk.</summary>
    public static GuestImage Otherworld => OtherworldOnce.Value;

    /// <summary>Debian's kernel as it is, with a busybox initramfs.</summary>
    public static GuestImage Stock => StockOnce.Value;
}
