using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Emu.Core;

namespace Otherworld.Guest.Campaigns;

/// <summary>
/// Rows as they come, each on the disk before the next: whoever kills the program loses the experiments that run, and no other. A last line that is not whole
/// is what was left of a killed one, and is cut off.
/// </summary>
public sealed class RowLog : IDisposable
{
    /// <summary>How the name of a file ends whose rows are compressed by gzip (RFC 1952).</summary>
    internal const string Compressed = ".gz";

    private readonly FileStream _file;

    private RowLog(FileStream file, IReadOnlyList<ExperimentRow> rows)
    {
        _file = file;
        Rows = rows;
    }

    /// <summary>What was there when it was opened.</summary>
    public IReadOnlyList<ExperimentRow> Rows { get; }

    /// <summary>Opens it for going on; makes it when it is not there.</summary>
    /// <exception cref="OtherworldException">It is no such file, or another process writes it.</exception>
    public static RowLog Open(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        }
        catch (IOException problem)
        {
            throw new OtherworldException($"'{path}' cannot be written: {problem.Message} Does another campaign run there?", 3);
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        file.SetLength(whole);
        file.Position = whole;
        return new RowLog(file, Parse(path, bytes.AsSpan(0, whole)));
    }

    /// <summary>Reads one that may be written meanwhile, or is compressed.</summary>
    /// <exception cref="OtherworldException">It is no such file.</exception>
    public static IReadOnlyList<ExperimentRow> Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using MemoryStream read = new();
        try
        {
            using GZipStream? gzip = path.EndsWith(Compressed, StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : null;
            (gzip ?? (Stream)file).CopyTo(read);
        }
        catch (InvalidDataException problem)
        {
            throw new OtherworldException($"'{path}' is damaged: {problem.Message} Take it again from where it came from.");
        }

        ReadOnlySpan<byte> bytes = read.GetBuffer().AsSpan(0, (int)read.Length);
        return Parse(path, bytes[..(bytes.LastIndexOf((byte)'\n') + 1)]);
    }

    /// <summary>Adds a row. When this returns, it is on the disk.</summary>
    public void Append(ExperimentRow row)
    {
        _file.Write(Encoding.UTF8.GetBytes(row.ToJson() + "\n"));
        _file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static List<ExperimentRow> Parse(string path, ReadOnlySpan<byte> bytes)
    {
        List<ExperimentRow> rows = [];
        while (bytes.Length > 0)
        {
            int end = bytes.IndexOf((byte)'\n');
            try
            {
                rows.Add(ExperimentRow.Parse(bytes[..end]));
            }
            catch (JsonException problem)
            {
                throw new OtherworldException($"'{path}' line {rows.Count + 1} is no row of a campaign: {problem.Message}");
            }

            bytes = bytes[(end + 1)..];
        }

        return rows;
    }
}
