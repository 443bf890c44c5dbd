namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A row of the results as a row of a table: lists become text.</summary>
public sealed class ParquetRow
{
    /// <summary>For the library, which makes columns of properties.</summary>
    public ParquetRow()
    {
    }

    /// <summary>Flattens a row.</summary>
    public ParquetRow(ExperimentRow row)
    {
        Plan = row.Plan;
        Id = row.Id;
        App = row.App;
        Class = row.Class;
        Fault = row.Fault;
        Change = row.Change;
        Injected = (long)row.Injected;
        Symbol = row.Symbol;
        Activated = (long?)row.Activated;
        Detected = (long?)row.Detected;
        Death = row.Death;
        PanicSymbol = row.PanicSymbol;
        Verdict = System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(row.Verdict.ToString());
        Reason = row.Reason;
        NotResurrected = string.Join("; ", row.NotResurrected.Select(process => $"{process.Pid} {process.Comm} {process.Reason}"));
        Degraded = string.Join("; ", row.Degraded);
        LostOperations = row.LostOperations;
        AcknowledgedOperations = row.Observation?.Acknowledged;
        DuplicatedOperations = row.Observation?.Duplicated;
        CorruptedOperations = row.Observation?.Corrupted;
        OperationsInDoubt = row.Observation?.InDoubt;
        BrokenConnections = row.Observation?.Broken;
        InterruptionInstructions = (long?)row.Interruption?.Icount;
        InterruptionNs = (long?)row.Interruption?.VtimeNs;
        FinalHash = row.FinalHash;
    }

    public string Plan { get; set; } = "";

    public string Id { get; set; } = "";

    public string App { get; set; } = "";

    public string Class { get; set; } = "";

    public string Fault { get; set; } = "";

    public string? Change { get; set; }

    public long Injected { get; set; }

    public string Symbol { get; set; } = "";

    public long? Activated { get; set; }

    public long? Detected { get; set; }

    public string? Death { get; set; }

    public string? PanicSymbol { get; set; }

    public string Verdict { get; set; } = "";

    public string Reason { get; set; } = "";

    public string NotResurrected { get; set; } = "";

    public string Degraded { get; set; } = "";

    public int LostOperations { get; set; }

    public int? AcknowledgedOperations { get; set; }

    public int? DuplicatedOperations { get; set; }

    public int? CorruptedOperations { get; set; }

    public int? OperationsInDoubt { get; set; }

    public int? BrokenConnections { get; set; }

    public long? InterruptionInstructions { get; set; }

    public long? InterruptionNs { get; set; }

    public string FinalHash { get; set; } = "";
}
