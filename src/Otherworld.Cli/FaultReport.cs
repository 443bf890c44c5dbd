using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;

namespace Otherworld.Cli;

/// <summary>Says what became of an injected fault.</summary>
internal static class FaultReport
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The kernel died and something of what it ran is gone that should have come back, or the machine stopped.</summary>
    public static bool IsBad(FaultResult result) =>
        result.Outcome is FaultOutcome.NoCrashKernel or FaultOutcome.MachineStopped || result.Processes.Any(process => process.Outcome is not ("ok" or "left"));

    /// <summary>All classes and sets.</summary>
    public static void List(bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                Classes = FaultClasses.All.Select(each => new { each.Name, each.Summary, each.Source }),
                Sets = FaultClasses.Sets.Select(set => new { set.Name, set.Summary, Weights = set.Classes.ToDictionary(part => part.Class.Name, part => part.Weight) }),
            }, Format));
            return;
        }

        foreach (FaultClass each in FaultClasses.All)
            Console.Out.WriteLine($"{each.Name,-12} {each.Summary} ({each.Source})");
        Console.Out.WriteLine();
        foreach (FaultSet set in FaultClasses.Sets)
            Console.Out.WriteLine($"{set.Name,-12} {set.Summary}: {string.Join(", ", set.Classes.Select(part => $"{part.Class.Name} {part.Weight}"))}");
    }

    /// <summary>A result, for people or as one line of JSON.</summary>
    public static void Print(FaultResult result, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(ToJson(result));
            return;
        }

        FaultRecord fault = result.Fault;
        Row("fault", fault.Spec.ToString());
        Row("class", FaultClasses.Find(fault.Spec.Class) is var found ? $"{found.Summary} ({found.Source})" : "");
        if (fault.DrawnFrom is { } drawn)
            Row("drawn from", drawn);
        Row("placed at", $"instruction {Number(fault.PlacedIcount)}, {Number(fault.PlacedIcount - result.StartIcount)} behind the snapshot");
        foreach (FaultChange change in fault.Changes)
        {
            Row("changed", $"{change.Place} at {change.Address:x16}, instruction {Number(change.Icount)}");
            Row("", change.What);
            if (change.Before.Length != 0)
                Row("", $"{change.Before} -> {change.After}");
        }

        Row("activated", fault.ActivatedIcount is { } active ? $"instruction {Number(active)}, {Number(active - fault.PlacedIcount)} behind the fault" : fault.IsOverwritten ? "never: overwritten before it was read" : "not within the limit");
        if (fault.DetectedIcount is { } death)
        {
            Row("died", $"instruction {Number(death)}{(fault.Latency is { } latency ? $", {Number(latency)} behind the activation" : "")}");
            Row("failed in", fault.FailedIn ?? "?");
            Row("said", fault.Message ?? "nothing");
        }

        if (result.Stopped is { } stopped)
            Row("stopped", stopped.ToString());
        if (fault.DetectedIcount is { } died)
            Row("took over", result.TakeoverIcount is { } open ? $"processes ran {Number(open - died)} instructions behind the death" : $"no: the last mark is {result.LastMark ?? "none"}");
        foreach (ResurrectedProcess process in result.Processes)
            Row("process", $"{process.Pid,5} {process.Comm,-16} {process.Outcome}");
        Row("end", $"instruction {Number(result.EndIcount)}, state {result.FinalHash}");
        Row("outcome", Word(result.Outcome));
    }

    private static string ToJson(FaultResult result) => JsonSerializer.Serialize(
        new
        {
            result.Outcome,
            Fault = result.Fault.Spec.ToString(),
            result.Fault.DrawnFrom,
            result.StartIcount,
            result.Fault.PlacedIcount,
            result.Fault.Changes,
            result.Fault.ActivatedIcount,
            result.Fault.IsOverwritten,
            result.Fault.DetectedIcount,
            result.Fault.Latency,
            result.Fault.FailedIn,
            result.Fault.Message,
            result.Stopped,
            result.TakeoverIcount,
            result.LastMark,
            result.Processes,
            result.EndIcount,
            result.FinalHash,
        },
        Format);

    private static void Row(string name, string text) => Console.Out.WriteLine($"{name,-12} {text}");

    private static string Word(FaultOutcome outcome) => JsonNamingPolicy.KebabCaseLower.ConvertName(outcome.ToString());

    private static string Number(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
