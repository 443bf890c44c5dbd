using Parquet.Serialization;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>The results for data frames: <c>results.parquet</c>.</summary>
public static class ResultsTable
{
    /// <summary>The whole file.</summary>
    public static byte[] Of(IEnumerable<ExperimentRow> rows)
    {
        using MemoryStream file = new();
        ParquetSerializer.SerializeAsync(rows.Select(row => new ParquetRow(row)), file).GetAwaiter().GetResult();
        return file.ToArray();
    }
}
