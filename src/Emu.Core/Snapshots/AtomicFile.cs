using System.Diagnostics;
using System.Globalization;

namespace Emu.Core.Snapshots;

/// <summary>
/// Files that are there whole or not at all: written beside, forced to the disk, renamed. What a process that was killed meanwhile left beside, the next write into the same
/// folder removes.
/// </summary>
public static class AtomicFile
{
    private const string Suffix = ".otherworld.tmp";

    /// <summary>Writes a file. If anything fails or the process dies, what was at <paramref name="path"/> before is there still.</summary>
    /// <exception cref="OtherworldException">The folder cannot be written to, or is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}{Suffix}");
        try
        {
            Sweep(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"'{path}' cannot be written: {e.Message} What was there before is unchanged.", 3);
        }
        finally
        {
            if (File.Exists(temporary)) // its folder may not
                File.Delete(temporary);
        }
    }

    /// <summary>Removes what processes that are gone left in a folder. A file that will not go is in nobody's way.</summary>
    private static void Sweep(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*" + Suffix))
        {
            if (!IsStale(file))
                continue;
            try
            {
                File.Delete(file);
            }
            catch (UnauthorizedAccessException)
            {
                // Somebody else's, and the folder is sticky.
            }
        }
    }

    /// <summary>Its writer is gone, and no process elsewhere, which has the same number in a container or on another host, holds its lock either.</summary>
    private static bool IsStale(string file)
    {
        string name = Path.GetFileName(file)[..^Suffix.Length];
        if (!int.TryParse(name[(name.LastIndexOf('.') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int writer) || IsRunning(writer))
            return false;
        try
        {
            new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // locked, or gone meanwhile
        }
    }

    private static bool IsRunning(int process)
    {
        try
        {
            Process.GetProcessById(process).Dispose();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
