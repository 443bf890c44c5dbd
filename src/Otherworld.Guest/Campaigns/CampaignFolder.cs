using System.Globalization;
using System.IO.Compression;
using System.Text;
using Emu.Core;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Campaigns;

/// <summary>Where the parts of a campaign lie: <c>plan.jsonl</c>, <c>results/SHARD.jsonl</c>, and what is made of them.</summary>
/// <param name="path">The folder.</param>
public sealed class CampaignFolder(string path)
{
    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The plan.</summary>
    public string PlanFile => System.IO.Path.Combine(Path, "plan.jsonl");

    /// <summary>All rows, in the order of the plan.</summary>
    public string MergedFile => System.IO.Path.Combine(Path, "results.jsonl");

    /// <summary>The same compressed by gzip: with the plan, all that others need of a campaign.</summary>
    public string CompressedFile => MergedFile + RowLog.Compressed;

    /// <summary>The applications under load, so that nobody boots them again. It may be deleted.</summary>
    public string WarmStates => System.IO.Path.Combine(Path, "warm");

    private string Results => System.IO.Path.Combine(Path, "results");

    /// <summary>A file of what is made of the results.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Keeps warm states with the plan.</summary>
    /// <param name="commit">Of this program.</param>
    /// <param name="progress">Told what happens, for a person.</param>
    public WarmStore Store(string commit, Action<string> progress) => new(WarmStates, commit, progress);

    /// <summary>Rows of a shard while it runs.</summary>
    public string RowsOf(Shard shard)
    {
        Directory.CreateDirectory(Results);
        return System.IO.Path.Combine(Results, string.Create(CultureInfo.InvariantCulture, $"{shard.Index:d4}-of-{shard.Count:d4}.jsonl"));
    }

    /// <summary>All files with rows: those of the shards, and the compressed one.</summary>
    public IEnumerable<string> RowFiles()
    {
        IEnumerable<string> shards = Directory.Exists(Results) ? Directory.EnumerateFiles(Results, "*.jsonl").Order(StringComparer.Ordinal) : [];
        return System.IO.File.Exists(CompressedFile) ? shards.Append(CompressedFile) : shards;
    }

    /// <summary>Writes all rows into one file: <see cref="MergedFile"/>, or <see cref="CompressedFile"/>, the same bytes for the same rows.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="OtherworldException">It cannot be written.</exception>
    public string WriteMerged(IReadOnlyList<ExperimentRow> rows, bool compress)
    {
        byte[] lines = Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => row.ToJson() + "\n")));
        string path = compress ? CompressedFile : MergedFile;
        AtomicFile.Write(path, stream =>
        {
            using GZipStream? gzip = compress ? new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true) : null;
            (gzip ?? stream).Write(lines);
        });
        return path;
    }

    /// <summary>Writes the plan of a new campaign.</summary>
    /// <exception cref="OtherworldException">There is another plan.</exception>
    public void Create(CampaignPlan plan)
    {
        if (System.IO.File.Exists(PlanFile) && CampaignPlan.Load(PlanFile).Hash != plan.Hash)
            throw new OtherworldException($"'{Path}' has another plan already. Name another folder with --out DIR.");
        Directory.CreateDirectory(Path);
        AtomicFile.Write(PlanFile, stream => stream.Write(plan.Bytes.Span));
    }

    /// <summary>The plan.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public CampaignPlan Plan() => CampaignPlan.Load(PlanFile);

    /// <summary>Every row there is, of this plan.</summary>
    /// <exception cref="OtherworldException">A file has rows of another plan.</exception>
    public IReadOnlyList<ExperimentRow> Rows(CampaignPlan plan)
    {
        List<ExperimentRow> rows = [];
        foreach (string file in RowFiles())
        {
            rows.AddRange(RowLog.Read(file));
            if (rows.Count > 0 && rows[^1].Plan != plan.Hash)
                throw new OtherworldException($"'{file}' has rows of plan {rows[^1].Plan}, and this is plan {plan.Hash}. Results belong to the plan they were made by.");
        }

        return rows;
    }
}
