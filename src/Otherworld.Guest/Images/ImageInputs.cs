using System.Security.Cryptography;
using System.Text;
using Emu.Core;

namespace Otherworld.Guest.Images;

/// <summary>
/// The sources an image is made of: the folder <c>images/</c> of a checkout. The hash is the one <c>images/build hash NAME</c> prints, so that
/// finding a cached image needs no shell.
/// </summary>
public sealed class ImageInputs
{
    private readonly string _folder;

    private ImageInputs(string folder) => _folder = folder;

    /// <summary>The build script.</summary>
    public string Script => Path.Combine(_folder, "build");

    /// <summary>Names of all images this checkout can build.</summary>
    public static IReadOnlyList<string> Names { get; } = ["otherworld", "stock", "debian", "unpatched", "protected"];

    /// <summary>The checkout around a folder, or null where there is none (an installed program).</summary>
    public static ImageInputs? FindAround(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string images = Path.Combine(folder.FullName, "images");
            if (File.Exists(Path.Combine(images, "build")) && File.Exists(Path.Combine(images, "packages.lock")))
                return new ImageInputs(images);
        }

        return null;
    }

    /// <summary>Reads one of the sources as text.</summary>
    /// <param name="path">Relative to <c>images/</c>.</param>
    public string Read(string path) => File.ReadAllText(Path.Combine(_folder, path));

    /// <summary>Hash over path and contents of every input file of an image: the first 16 digits of a SHA-256.</summary>
    /// <exception cref="OtherworldException">There is no image of that name.</exception>
    public string HashOf(string name)
    {
        string[] roots = name switch
        {
            "otherworld" => ["build", "lib", "packages.lock", "kernel", "guest"],
            "unpatched" => ["build", "lib", "packages.lock", "kernel/config"],
            "stock" => ["build", "lib", "packages.lock", "guest/stock"],
            "debian" => ["build", "lib", "packages.lock", "kernel", "guest", "debian", "observer"],
            "protected" => ["build", "lib", "packages.lock", "kernel", "guest", "debian", "observer", "protected"],
            _ => throw Unknown(name),
        };
        string[] files = [.. roots.SelectMany(FilesBelow)];
        Array.Sort(files, string.CompareOrdinal);

        // The text sha256sum prints: digest, two blanks, path.
        var lines = new StringBuilder();
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(Path.Combine(_folder, file));
            lines.Append(Convert.ToHexStringLower(SHA256.HashData(stream))).Append("  ").Append(file).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())))[..16];
    }

    internal static OtherworldException Unknown(string name) =>
        new($"there is no image '{name}'; the images are: {string.Join(", ", Names)}");

    private IEnumerable<string> FilesBelow(string root)
    {
        string path = Path.Combine(_folder, root);
        if (File.Exists(path))
            return [root];
        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file));
    }
}
