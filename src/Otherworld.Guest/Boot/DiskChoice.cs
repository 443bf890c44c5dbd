using Emu.Core;

namespace Otherworld.Guest.Boot;

/// <summary>A disk image as a person names it.</summary>
/// <param name="Path">A raw image file; it is never written to.</param>
/// <param name="ReadOnly">The guest cannot write either.</param>
public sealed record DiskChoice(string Path, bool ReadOnly)
{
    /// <summary>Reads <c>FILE</c> or <c>FILE,ro</c>.</summary>
    /// <exception cref="OtherworldException">There is no file name, or an option we do not know.</exception>
    public static DiskChoice Parse(string text)
    {
        int comma = text.LastIndexOf(',');
        string path = comma < 0 ? text : text[..comma];
        string option = comma < 0 ? "" : text[(comma + 1)..];
        if (option is not ("" or "ro"))
            throw new OtherworldException($"'{option}' in disk '{text}' is not an option. Write FILE or FILE,ro.");
        if (path.Length == 0)
            throw new OtherworldException("the disk has no file name. Write FILE or FILE,ro.");
        return new DiskChoice(path, option == "ro");
    }

    /// <inheritdoc/>
    public override string ToString() => ReadOnly ? Path + ",ro" : Path;
}
