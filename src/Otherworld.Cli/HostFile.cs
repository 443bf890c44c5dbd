using Emu.Core;

namespace Otherworld.Cli;

/// <summary>Files that a run writes while it goes on.</summary>
internal static class HostFile
{
    /// <summary>Opens a new or emptied file.</summary>
    /// <exception cref="OtherworldException">It cannot be written to.</exception>
    public static FileStream Create(string path, string what)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new OtherworldException($"{what} '{path}' cannot be written: {e.Message}", ExitCode.Environment);
        }
    }
}
