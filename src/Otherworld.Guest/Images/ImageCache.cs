using Emu.Core;

namespace Otherworld.Guest.Images;

/// <summary>Finished images of this user, one folder each: <c>ROOT/images/NAME/HASH/</c>.</summary>
public sealed class ImageCache
{
    private readonly string _root;

    /// <param name="root">The folder that holds <c>images/</c>.</param>
    public ImageCache(string root) => _root = root;

    public string Root => _root;

    /// <summary>The cache of this user: <c>OTHERWORLD_CACHE</c>, else <c>otherworld</c> in <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>.</summary>
    public static ImageCache OfThisUser()
    {
        string? own = Environment.GetEnvironmentVariable("OTHERWORLD_CACHE");
        if (!string.IsNullOrEmpty(own))
            return new ImageCache(Path.GetFullPath(own));
        string? caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(caches))
            caches = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new ImageCache(Path.Combine(caches, "otherworld"));
    }

    public string FolderOf(string name, string hash) => Path.Combine(_root, "images", name, hash);

    /// <summary>Hashes of all images of one name that have a manifest, the newest first.</summary>
    public IReadOnlyList<string> HashesOf(string name)
    {
        var folder = new DirectoryInfo(Path.Combine(_root, "images", name));
        if (!folder.Exists)
            return [];
        return
        [
            .. folder.EnumerateDirectories()
                .Where(image => image.LinkTarget is null && image.Name[0] != '.' && File.Exists(Path.Combine(image.FullName, ImageManifest.FileName)))
                .OrderByDescending(image => File.GetLastWriteTimeUtc(Path.Combine(image.FullName, ImageManifest.FileName)))
                .ThenBy(image => image.Name, StringComparer.Ordinal)
                .Select(image => image.Name),
        ];
    }

    /// <summary>Every image in the cache that is whole.</summary>
    public IReadOnlyList<GuestImage> All()
    {
        var found = new List<GuestImage>();
        foreach (string name in ImageInputs.Names)
        {
            foreach (string hash in HashesOf(name))
            {
                try
                {
                    found.Add(GuestImage.Open(FolderOf(name, hash)));
                }
                catch (OtherworldException)
                {
                    // A damaged image is named by Find and Verify; a list shows what can be used.
                }
            }
        }

        return found;
    }

    /// <summary>A new empty folder beside the finished images of a name, to be renamed when it is complete.</summary>
    internal string NewFolder(string name)
    {
        string folder = Path.Combine(_root, "images", name, $".new-{Environment.ProcessId}");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }
}
