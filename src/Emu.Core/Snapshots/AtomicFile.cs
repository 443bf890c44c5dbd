namespace Emu.Core.Snapshots;

/// <summary>Files that are there whole or not at all: written beside, forced to the disk, renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file. If anything fails or the process dies, what was at <paramref name="path"/> before is there still.</summary>
    /// <exception cref="OtherworldException">The folder cannot be written to, or is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
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
            File.Delete(temporary);
        }
    }
}
