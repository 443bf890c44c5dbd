using Emu.Core;

namespace Otherworld.Guest.Consoles;

/// <summary>Folders that people name for what a run leaves behind.</summary>
public static class OutputFolder
{
    /// <summary>Makes one, with those above it; one that is there stays as it is.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="option">What it was named with, for example <c>--out</c>.</param>
    /// <exception cref="OtherworldException">It cannot be made.</exception>
    public static void Make(string folder, string option)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"'{folder}' cannot be written to: {problem.Message} Name another folder with {option} DIR.", 3);
        }
    }
}
