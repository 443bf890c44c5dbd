using System.IO.Hashing;
using System.Text.Json;
using Emu.Core;
using Emu.Core.Snapshots;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Campaigns;

/// <summary>
/// Warm states on the disk: a plan boots each application, and whoever runs a part of it, goes on with it, or repeats one experiment of it does not. For each there is
/// a snapshot (docs/snapshot-format.md), of one machine or of a world, and a file of what had been said, which is written last: without it there is no state. A state counts for the
/// program that saved it: another boots, and so shows that it computes the same.
/// </summary>
/// <param name="folder">Where they are; it is made when the first is saved.</param>
/// <param name="commit">Of this program.</param>
/// <param name="progress">Told what happens, for a person.</param>
public sealed class WarmStore(string folder, string commit, Action<string> progress)
{
    private readonly string _folder = folder;
    private readonly string _commit = commit;
    private readonly Action<string> _progress = progress;

    /// <summary>Saves the state in which a guest stands. Several programs may save the same one at once.</summary>
    /// <param name="guest">Has just become warm.</param>
    /// <exception cref="OtherworldException">The folder cannot be written to.</exception>
    public void Save(CampaignGuest guest)
    {
        WarmState state = guest.Warm ?? throw new InternalErrorException("a guest is saved when it has become warm");
        string path = PathOf(guest.App.Name, state.Hash);
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"'{_folder}' cannot be made: {problem.Message}", 3);
        }

        guest.Console.Save(path, _commit, $"{guest.App.Name} under load");
        AtomicFile.Write(SaidOf(path), stream => JsonSerializer.Serialize(stream, new SaidFile(_commit, HashOf(state.Said), state.Said), CampaignJson.Lines.SaidFile));
    }

    /// <summary>Brings a guest to the state a plan starts from, when that is there and whole.</summary>
    /// <param name="guest">Of the same application; nothing is left of what it was.</param>
    /// <param name="planned">The application as the plan has it.</param>
    /// <returns>Whether it stands in that state now. What is there and no good is told to the person, and will be replaced.</returns>
    public bool TryEnter(CampaignGuest guest, PlannedApp planned)
    {
        string path = PathOf(planned.Name, planned.WarmHash);
        if (!File.Exists(SaidOf(path)))
            return false;
        try
        {
            guest.Enter(Read(guest.Console, path, planned));
            string hash = guest.Console.StateHashText();
            if (hash == planned.WarmHash)
                return true;
            _progress($"{planned.Name}: '{path}' holds state {hash}, and {planned.WarmHash} was saved; boots again");
        }
        catch (Exception problem) when (problem is OtherworldException or IOException or UnauthorizedAccessException or JsonException)
        {
            _progress($"{planned.Name}: boots again: {problem.Message}");
        }

        return false;
    }

    private WarmState Read(GuestConsole console, string path, PlannedApp planned)
    {
        using FileStream file = File.OpenRead(SaidOf(path));
        SaidFile said = JsonSerializer.Deserialize(file, CampaignJson.Lines.SaidFile) ?? throw new JsonException("null is no list of what was said");
        if (said.Commit != _commit)
            throw new OtherworldException($"its state was saved by commit {said.Commit}, and whether this program comes to it too must be seen.");
        if (HashOf(said.Said) != said.Hash || said.Said.Count != console.Transcripts.Count())
            throw new OtherworldException($"'{SaidOf(path)}' is damaged.");
        GuestMoment moment = console.Read(path, [.. said.Said.Select(line => line.Length)]);
        return new WarmState(moment, said.Said, moment.Snapshot.InstructionCount, planned.WarmHash);
    }

    private string PathOf(string app, string hash) => Path.Combine(_folder, $"{app}-{hash}.snapshot");

    private static string SaidOf(string path) => Path.ChangeExtension(path, ".said.json");

    private static string HashOf(IEnumerable<byte[]> said)
    {
        XxHash128 hash = new();
        foreach (byte[] line in said)
        {
            hash.Append(BitConverter.GetBytes(line.Length));
            hash.Append(line);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
