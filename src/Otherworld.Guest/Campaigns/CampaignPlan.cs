using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Emu.Core;

namespace Otherworld.Guest.Campaigns;

/// <summary>A list of experiments, one a line behind a header, and the hash of all of it, which every result carries.</summary>
public sealed class CampaignPlan
{
    private CampaignPlan(PlanHeader header, IReadOnlyList<Experiment> experiments, byte[] bytes)
    {
        Header = header;
        Experiments = experiments;
        Bytes = bytes;
        Hash = Convert.ToHexStringLower(XxHash128.Hash(bytes));
    }

    /// <summary>What all of it is about.</summary>
    public PlanHeader Header { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Experiment> Experiments { get; }

    /// <summary>The file.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>XxHash128 over the file, 32 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>Puts one together.</summary>
    public static CampaignPlan Of(PlanHeader header, IReadOnlyList<Experiment> experiments)
    {
        StringBuilder text = new();
        text.Append(JsonSerializer.Serialize(header, CampaignJson.Lines.PlanHeader)).Append('\n');
        foreach (Experiment experiment in experiments)
            text.Append(JsonSerializer.Serialize(experiment, CampaignJson.Lines.Experiment)).Append('\n');
        return new CampaignPlan(header, experiments, Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="OtherworldException">It is missing, of another version, or not whole.</exception>
    public static CampaignPlan Load(string path)
    {
        if (!File.Exists(path))
            throw new OtherworldException($"there is no plan at '{path}'. Make one with: ./otherworld campaign plan --out DIR.");
        byte[] bytes = File.ReadAllBytes(path);
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        try
        {
            PlanHeader? header = JsonSerializer.Deserialize(lines.FirstOrDefault("null"), CampaignJson.Lines.PlanHeader);
            if (header is not { Format: PlanHeader.CurrentFormat })
                throw new OtherworldException($"'{path}' is a plan of format {header?.Format}, and this program reads format {PlanHeader.CurrentFormat}. Use the program that made it (commit {header?.Commit}).");
            Experiment[] experiments = [.. lines.Skip(1).Select(line => JsonSerializer.Deserialize(line, CampaignJson.Lines.Experiment)!)];
            return experiments.Length == header.Experiments
                ? new CampaignPlan(header, experiments, bytes)
                : throw new OtherworldException($"'{path}' has {experiments.Length} experiments where {header.Experiments} were planned. Copy it again, or plan again.");
        }
        catch (JsonException problem)
        {
            throw new OtherworldException($"'{path}' is no plan: {problem.Message}");
        }
    }

    /// <summary>The experiment with a name.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public Experiment Find(string id) => Experiments.FirstOrDefault(experiment => experiment.Id == id)
        ?? throw new OtherworldException($"the plan has no experiment '{id}'. It has, for example, {Experiments[0].Id}.");
}
