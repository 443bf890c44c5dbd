namespace Otherworld.Guest.Images;

/// <summary>One file of an image, as the manifest names it.</summary>
/// <param name="Path">Name inside the image's folder, without any directory.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Sha256">SHA-256 in 64 lower-case hexadecimal digits.</param>
public sealed record ImageFile(string Path, long Size, string Sha256);
