using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>The results for data frames: <c>results.parquet</c>, a row for each experiment; lists are text in it.</summary>
public static class ResultsTable
{
    private static readonly Column[] Columns =
    [
        Text("Plan", row => row.Plan),
        Text("Id", row => row.Id),
        Text("App", row => row.App),
        Text("Class", row => row.Class),
        Text("Fault", row => row.Fault),
        Text("Change", row => row.Change),
        Number("Injected", row => (long)row.Injected),
        Text("Symbol", row => row.Symbol),
        NumberOrNone("Activated", row => (long?)row.Activated),
        NumberOrNone("Detected", row => (long?)row.Detected),
        Text("Death", row => row.Death),
        Text("PanicSymbol", row => row.PanicSymbol),
        Text("Verdict", row => JsonNamingPolicy.KebabCaseLower.ConvertName(row.Verdict.ToString())),
        Text("Reason", row => row.Reason),
        Text("NotResurrected", row => string.Join("; ", row.NotResurrected.Select(process => $"{process.Pid} {process.Comm} {process.Reason}"))),
        Text("Degraded", row => string.Join("; ", row.Degraded)),
        Number("LostOperations", row => row.LostOperations),
        NumberOrNone("AcknowledgedOperations", row => row.Observation?.Acknowledged),
        NumberOrNone("DuplicatedOperations", row => row.Observation?.Duplicated),
        NumberOrNone("CorruptedOperations", row => row.Observation?.Corrupted),
        NumberOrNone("OperationsInDoubt", row => row.Observation?.InDoubt),
        NumberOrNone("BrokenConnections", row => row.Observation?.Broken),
        NumberOrNone("InterruptionInstructions", row => (long?)row.Interruption?.Icount),
        NumberOrNone("InterruptionNs", row => (long?)row.Interruption?.VtimeNs),
        Text("FinalHash", row => row.FinalHash),
    ];

    private delegate Task ColumnWriter(ParquetRowGroupWriter group, DataField field, IReadOnlyList<ExperimentRow> rows);

    /// <summary>The whole file.</summary>
    public static byte[] Of(IEnumerable<ExperimentRow> rows)
    {
        using MemoryStream file = new();
        Write(file, [.. rows]).GetAwaiter().GetResult();
        return file.ToArray();
    }

    private static async Task Write(Stream file, IReadOnlyList<ExperimentRow> rows)
    {
        var schema = new ParquetSchema(Columns.Select(column => column.Field));
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, file).ConfigureAwait(false);
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        foreach (Column column in Columns)
            await column.Write(group, column.Field, rows).ConfigureAwait(false);
    }

    private static Column Text(string name, Func<ExperimentRow, string?> value) =>
        new(new DataField<string>(name), (group, field, rows) => group.WriteAsync(field, (string[])[.. rows.Select(value)!]));

    private static Column Number<T>(string name, Func<ExperimentRow, T> value)
        where T : struct =>
        new(new DataField<T>(name), (group, field, rows) => group.WriteAsync<T>(field, (T[])[.. rows.Select(value)]));

    private static Column NumberOrNone<T>(string name, Func<ExperimentRow, T?> value)
        where T : struct =>
        new(new DataField<T?>(name), (group, field, rows) => group.WriteAsync<T>(field, (T?[])[.. rows.Select(value)]));

    private sealed record Column(DataField Field, ColumnWriter Write);
}
