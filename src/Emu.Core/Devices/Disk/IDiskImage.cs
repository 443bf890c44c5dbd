namespace Emu.Core.Devices.Disk;

/// <summary>The unchanging bytes under a disk: an image file, or memory in a test.</summary>
public interface IDiskImage
{
    /// <summary>Bytes, a multiple of 512.</summary>
    ulong Length { get; }

    /// <summary>XxHash128 of the content in lower-case hexadecimal: what identifies the image in snapshots.</summary>
    string ContentHash { get; }

    /// <summary>Reads bytes that lie wholly within the image.</summary>
    void Read(ulong offset, Span<byte> destination);
}
