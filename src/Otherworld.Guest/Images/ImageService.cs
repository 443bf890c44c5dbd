using System.Diagnostics;
using System.Security.Cryptography;
using Emu.Core;

namespace Otherworld.Guest.Images;

/// <summary>Finds, builds, verifies, exports and imports guest images.</summary>
public sealed class ImageService
{
    private readonly ImageCache _cache;
    private readonly ImageInputs? _inputs;

    /// <param name="cache">Where finished images lie.</param>
    /// <param name="inputs">The checkout they are built from; null: any image in the cache will do, and none can be built.</param>
    public ImageService(ImageCache cache, ImageInputs? inputs)
    {
        _cache = cache;
        _inputs = inputs;
    }

    public ImageCache Cache => _cache;

    /// <summary>This user's cache and the checkout this program was built in.</summary>
    public static ImageService OfThisUser() =>
        new(ImageCache.OfThisUser(), ImageInputs.FindAround(AppContext.BaseDirectory) ?? ImageInputs.FindAround(Environment.CurrentDirectory));

    /// <summary>The hash an image must have to fit this checkout; null without a checkout.</summary>
    public string? WantedHash(string name) => _inputs?.HashOf(name);

    /// <summary>A text of the sources that images are built from.</summary>
    /// <param name="path">Relative to <c>images/</c>.</param>
    /// <exception cref="OtherworldException">There is no checkout here (exit 3).</exception>
    public string ReadSource(string path) =>
        _inputs is null ? throw new OtherworldException($"this needs a checkout of the sources, for images/{path}, and there is none here", 3) : _inputs.Read(path);

    /// <summary>The image that fits this checkout, sizes checked.</summary>
    /// <exception cref="OtherworldException">It is not in the cache or damaged (exit 3); the text names the command that helps.</exception>
    public GuestImage Find(string name)
    {
        if (!ImageInputs.Names.Contains(name, StringComparer.Ordinal))
            throw ImageInputs.Unknown(name);
        IReadOnlyList<string> found = _cache.HashesOf(name);
        string? wanted = WantedHash(name) ?? (found.Count > 0 ? found[0] : null);
        if (wanted is not null && found.Contains(wanted, StringComparer.Ordinal))
            return GuestImage.Open(_cache.FolderOf(name, wanted));

        string others = found.Count == 0 ? "no image of that name" : $"only {string.Join(", ", found)}";
        string sought = wanted is null ? $"image '{name}'" : $"image '{name}' {wanted}";
        throw new OtherworldException($"{sought} is not in {_cache.Root} (found: {others}); build it with: ./otherworld image build {name}", 3);
    }

    /// <summary>The image that fits this checkout, built first when the cache lacks it.</summary>
    public GuestImage FindOrBuild(string name) =>
        _inputs is not null && !_cache.HashesOf(name).Contains(_inputs.HashOf(name), StringComparer.Ordinal) ? Build(name) : Find(name);

    /// <summary>The very image that something was made with, if the cache has it still; otherwise the one that fits this checkout, built first when the cache lacks it.</summary>
    /// <param name="identity">Its <see cref="GuestImage.Identity"/>; null if nobody has written it down.</param>
    /// <param name="name">The name of the other one.</param>
    /// <exception cref="OtherworldException">It is damaged, or the other one cannot be had (exit 3).</exception>
    public GuestImage FindMadeWith(string? identity, string name)
    {
        string[] parts = identity?.Split('/') ?? [];
        return parts is [string made, string hash] && _cache.HashesOf(made).Contains(hash, StringComparer.Ordinal) ? GuestImage.Open(_cache.FolderOf(made, hash)) : FindOrBuild(name);
    }

    /// <summary>Runs <c>images/build</c>; its progress goes to standard error as it comes.</summary>
    /// <param name="name">An image name, or 'all' for 'otherworld' and 'stock'.</param>
    /// <param name="options">Options for the script, such as <c>--latest</c> and <c>--force</c>.</param>
    /// <returns>The image; for 'all' the first of <see cref="ImageInputs.Names"/>.</returns>
    /// <exception cref="OtherworldException">The script failed: its exit status, its own words are on standard error.</exception>
    public GuestImage Build(string name, params string[] options)
    {
        if (name != "all" && !ImageInputs.Names.Contains(name, StringComparer.Ordinal))
            throw ImageInputs.Unknown(name);
        if (_inputs is null)
            throw new OtherworldException("images are built from a checkout of the sources, and there is none here; take a built one in with: ./otherworld image import FILE", 3);

        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])[_inputs.Script, .. options, name])
            start.ArgumentList.Add(argument);
        start.Environment["OTHERWORLD_CACHE"] = _cache.Root;
        int status;
        try
        {
            using Process build = Process.Start(start)!;
            build.StandardOutput.ReadToEnd();
            build.WaitForExit();
            status = build.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new OtherworldException($"cannot run {_inputs.Script} with bash: {problem.Message}", 3);
        }

        if (status != 0)
            throw new OtherworldException($"images/build {name} ended with status {status}; the reason stands above", status == 2 ? 2 : 3);
        return Find(name == "all" ? ImageInputs.Names[0] : name);
    }

    /// <summary>Reads every file of an image and compares it with the manifest.</summary>
    /// <exception cref="OtherworldException">A file differs; the text names file, wanted and found digest, and the command that helps.</exception>
    public static void Verify(GuestImage image)
    {
        foreach (ImageFile file in image.Manifest.Files.Values)
        {
            using FileStream stream = File.OpenRead(Path.Combine(image.Folder, file.Path));
            string found = Convert.ToHexStringLower(SHA256.HashData(stream));
            if (found != file.Sha256)
            {
                throw new OtherworldException(
                    $"{Path.Combine(image.Folder, file.Path)} is damaged: SHA-256 is {found}, the manifest wants {file.Sha256}; "
                    + $"repair it with: ./otherworld image build {image.Manifest.Name} --force", 3);
            }
        }
    }
}
