using Emu.Core;

namespace Otherworld.Guest.Images;

/// <summary>A finished image: a folder of the cache and its manifest.</summary>
public sealed class GuestImage
{
    private readonly string _folder;
    private readonly ImageManifest _manifest;

    private GuestImage(string folder, ImageManifest manifest)
    {
        _folder = folder;
        _manifest = manifest;
    }

    public string Folder => _folder;

    public ImageManifest Manifest => _manifest;

    /// <summary>Name and input hash, as runs print it: 'otherworld/0123456789abcdef'.</summary>
    public string Identity => $"{_manifest.Name}/{_manifest.Hash}";

    /// <summary>Opens a folder whose manifest is sound and whose files all have the size the manifest says. Contents are not read.</summary>
    /// <exception cref="OtherworldException">There is no image in the folder, or not a whole one.</exception>
    public static GuestImage Open(string folder)
    {
        string path = System.IO.Path.Combine(folder, ImageManifest.FileName);
        if (!File.Exists(path))
            throw new OtherworldException($"{folder} holds no image: there is no {ImageManifest.FileName}", 3);
        var image = new GuestImage(folder, ImageManifest.Parse(File.ReadAllBytes(path), path));
        foreach (ImageFile file in image._manifest.Files.Values)
        {
            var found = new FileInfo(System.IO.Path.Combine(folder, file.Path));
            if (!found.Exists || found.Length != file.Size)
            {
                string state = found.Exists ? $"has {found.Length} bytes instead of {file.Size}" : "is missing";
                throw new OtherworldException($"{found.FullName} {state}; repair the image with: ./otherworld image build {image._manifest.Name} --force", 3);
            }
        }

        return image;
    }

    /// <summary>Full path of the file with a role of <see cref="ImageRoles"/>.</summary>
    /// <exception cref="OtherworldException">This image has no such file.</exception>
    public string Path(string role) => _manifest.Files.TryGetValue(role, out ImageFile? file)
        ? System.IO.Path.Combine(_folder, file.Path)
        : throw new OtherworldException($"image {Identity} has no file '{role}'; it has: {string.Join(", ", _manifest.Files.Keys)}", 3);
}
