namespace Otherworld.Guest.Images;

/// <summary>What a file of an image is for: the keys of <c>files</c> in the manifest.</summary>
public static class ImageRoles
{
    /// <summary>Stripped, loadable ELF kernel with a PVH note.</summary>
    public const string Vmlinux = "vmlinux";

    /// <summary>The same kernel with symbols, debug information and BTF.</summary>
    public const string VmlinuxDebug = "vmlinux_debug";

    /// <summary>The kernel's System.map.</summary>
    public const string SystemMap = "system_map";

    /// <summary>Uncompressed cpio archive (newc) with the root file system.</summary>
    public const string Initramfs = "initramfs";

    /// <summary>Raw ext4 data disk.</summary>
    public const string Disk = "disk";

    /// <summary>A bzImage: the kernel of the image 'stock'.</summary>
    public const string Kernel = "kernel";

    /// <summary>The kernel's configuration.</summary>
    public const string Config = "config";
}
