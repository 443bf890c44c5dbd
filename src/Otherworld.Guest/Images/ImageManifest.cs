using System.Text.Json;
using Emu.Core;

namespace Otherworld.Guest.Images;

/// <summary>The <c>manifest.json</c> of a finished image, written last by <c>images/build</c>.</summary>
/// <param name="Format">Version of this file's format; this program knows <see cref="KnownFormat"/>.</param>
/// <param name="Name">One of <see cref="ImageInputs.Names"/>.</param>
/// <param name="Hash">Hash of the inputs, 16 hexadecimal digits; also the name of the image's folder.</param>
/// <param name="Release">The kernel's release, as <c>uname -r</c> prints it.</param>
/// <param name="Packages">The Debian packages it was made of, 'name version'.</param>
/// <param name="Files">The files by role, see <see cref="ImageRoles"/>.</param>
public sealed record ImageManifest(
    int Format, string Name, string Hash, string Release, IReadOnlyList<string> Packages, IReadOnlyDictionary<string, ImageFile> Files)
{
    /// <summary>The one format version this program reads and writes.</summary>
    public const int KnownFormat = 1;

    /// <summary>Name of the manifest in an image's folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Reads and checks a manifest.</summary>
    /// <param name="json">UTF-8 text of the file.</param>
    /// <param name="source">Where it comes from, for the error.</param>
    /// <exception cref="OtherworldException">It is not a manifest of a known format, or names a file outside its folder.</exception>
    public static ImageManifest Parse(ReadOnlySpan<byte> json, string source)
    {
        ImageManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(json, ImageJson.Default.ImageManifest);
        }
        catch (JsonException problem)
        {
            throw new OtherworldException($"{source} is not an image manifest: {problem.Message}", 3);
        }

        if (manifest is null || manifest.Format != KnownFormat)
            throw new OtherworldException($"{source} has manifest format {manifest?.Format}, this program reads format {KnownFormat}; build the image again", 3);
        if (!IsPlainName(manifest.Name) || !IsPlainName(manifest.Hash))
            throw new OtherworldException($"{source} names its image '{manifest.Name}/{manifest.Hash}', which is not a plain name", 3);
        foreach (ImageFile file in manifest.Files.Values)
        {
            if (!IsPlainName(file.Path) || file.Path == FileName)
                throw new OtherworldException($"{source} names the file '{file.Path}', which does not lie in the image's folder", 3);
        }

        return manifest;
    }

    /// <summary>The text of <c>manifest.json</c>.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ImageJson.Default.ImageManifest);

    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 100 && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
}
