using System.Text.Json;
using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.Core.Worlds;

namespace Otherworld.Guest.Worlds;

/// <summary>What a snapshot of a world holds beside the snapshots of its machines: <c>world.json</c> in its folder. Described in docs/worlds.md.</summary>
public sealed record WorldManifest
{
    /// <summary>Version of the format; as in docs/worlds.md.</summary>
    public const int FormatVersion = 1;

    /// <summary>Its name in the folder.</summary>
    public const string FileName = "world.json";

    /// <summary>Always <see cref="FormatVersion"/>.</summary>
    public required int Format { get; init; }

    /// <summary>Commit of the program that wrote it.</summary>
    public required string Commit { get; init; }

    /// <summary>Why it was taken, for a person.</summary>
    public required string Reason { get; init; }

    /// <summary>Hash of the whole world, 16 hexadecimal digits.</summary>
    public required string StateHash { get; init; }

    /// <summary>Seed of the losses.</summary>
    public required ulong Seed { get; init; }

    /// <summary>When.</summary>
    public required ulong Tick { get; init; }

    /// <summary>The machines, in the order of their turns.</summary>
    public required IReadOnlyList<Machine> Machines { get; init; }

    /// <summary>The links.</summary>
    public required IReadOnlyList<Line> Links { get; init; }

    /// <summary>Readable JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, WorldJson.Manifest.WorldManifest);

    /// <summary>Reads the one in a folder.</summary>
    /// <exception cref="OtherworldException">There is none, or it is damaged or foreign.</exception>
    public static WorldManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            WorldManifest? manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), WorldJson.Manifest.WorldManifest);
            if (manifest is { Format: FormatVersion })
                return manifest;
            throw new OtherworldException($"'{path}' has format {manifest?.Format}; this program reads format {FormatVersion}. Use the program that wrote it.");
        }
        catch (JsonException e)
        {
            throw new OtherworldException($"'{path}' does not describe a world: {e.Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"'{folder}' is no snapshot of a world: {e.Message}");
        }
    }

    /// <summary>A folder holds one.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Writes it to a folder, whole or not at all.</summary>
    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(ToJson() + "\n")));

    /// <summary>A machine.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Snapshot">Its snapshot, relative to the folder.</param>
    /// <param name="End">How it ended, or null.</param>
    /// <param name="Value">What came with that.</param>
    public sealed record Machine(string Name, string Snapshot, StopReason? End, uint Value);

    /// <summary>A link: what it is, and what is at its ends.</summary>
    public sealed record Line(IReadOnlyList<string> Between, ulong Latency, ulong Bandwidth, uint Loss, IReadOnlyList<Plug> Ends);

    /// <summary>The end of a link; see <see cref="LinkEndState"/>.</summary>
    public sealed record Plug(ulong FreeAt, ulong Sent, ulong Dropped, IReadOnlyList<Way> Wires);

    /// <summary>A wire; see <see cref="WireState"/>.</summary>
    public sealed record Way(IReadOnlyList<ulong> Losses, ulong Carried, ulong Lost, ulong Overrun, IReadOnlyList<Packet> UnderWay);

    /// <summary>A frame under way; see <see cref="Transit"/>.</summary>
    public sealed record Packet(ulong Arrival, byte[] Frame);
}
