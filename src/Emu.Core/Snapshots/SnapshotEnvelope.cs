using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace Emu.Core.Snapshots;

/// <summary>Reads a snapshot file and says exactly what is wrong with it.</summary>
internal sealed class SnapshotEnvelope(string path)
{
    private const string Magic = "otherworld-snapshot ";
    private const int LongestLine = 200;

    private readonly string _path = path;

    /// <exception cref="OtherworldException">It is missing, truncated, damaged or foreign.</exception>
    public (SnapshotManifest Manifest, byte[] Payload) Read()
    {
        byte[] file = ReadFile();
        int end = file.AsSpan(0, Math.Min(file.Length, LongestLine)).IndexOf((byte)'\n');
        string line = end < 0 ? "" : Encoding.Latin1.GetString(file, 0, end);
        if (!line.StartsWith(Magic, StringComparison.Ordinal))
            throw new OtherworldException($"'{_path}' is not a snapshot: it does not begin with '{Magic.TrimEnd()}'.");
        string[] words = line[Magic.Length..].Split(' ');
        if (words[0] != SnapshotFile.FormatVersion.ToString(CultureInfo.InvariantCulture))
            throw new OtherworldException($"'{_path}' has snapshot format {words[0]}; this program reads format {SnapshotFile.FormatVersion}. Use the program that wrote it.");
        if (words.Length != 4 || !TryField(words[1], "manifest=", out int manifestLength) || !TryField(words[2], "payload=", out int payloadLength)
            || !words[3].StartsWith("xxh128=", StringComparison.Ordinal))
            throw Damaged("its first line is not what it should be");
        long wanted = end + 1L + manifestLength + payloadLength;
        if (file.Length != wanted)
            throw Damaged(file.Length < wanted ? $"it is truncated: {file.Length} of {wanted} bytes" : $"it has {file.Length - wanted} bytes too many");
        ReadOnlySpan<byte> rest = file.AsSpan(end + 1);
        if (HexHash.Format(XxHash128.HashToUInt128(rest)) != words[3]["xxh128=".Length..])
            throw Damaged("its content does not have the hash its first line says");
        return (ParseManifest(rest[..manifestLength]), rest[manifestLength..].ToArray());
    }

    private static bool TryField(string word, string name, out int value)
    {
        value = 0;
        return word.StartsWith(name, StringComparison.Ordinal) && int.TryParse(word.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private byte[] ReadFile()
    {
        try
        {
            return File.ReadAllBytes(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"the snapshot '{_path}' cannot be read: {e.Message}");
        }
    }

    private SnapshotManifest ParseManifest(ReadOnlySpan<byte> json)
    {
        try
        {
            SnapshotManifest manifest = SnapshotManifest.Parse(json);
            string hash = HexHash.Format(XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(manifest.MachineJson)));
            return hash == manifest.MachineHash ? manifest : throw Damaged("its machine description does not have the hash it should");
        }
        catch (JsonException e)
        {
            throw Damaged($"its manifest is not of this version: {e.Message}");
        }
    }

    private OtherworldException Damaged(string why) => new($"the snapshot '{_path}' is damaged: {why}.");
}
