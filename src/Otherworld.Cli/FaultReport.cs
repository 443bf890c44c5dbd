using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;

namespace Otherworld.Cli;

/// <summary>Says what became of an injected fault.</summary>
internal static class FaultReport
{
    /// <summary>The kernel died and something of what it ran is gone that should have come back, or the machine stopped.</summary>
    public static bool IsBad(FaultResult result) =>
        result.Outcome is FaultOutcome.NoCrashKernel or FaultOutcome.MachineStopped || result.Processes.Any(process => process.Outcome is not ("ok" or "left"));

    /// <summary>All classes and sets.</summary>
    public static void List(bool json)
    {
        if (json)
        {
            JsonObject all = new()
            {
                ["classes"] = CliJson.List(FaultClasses.All, each => new JsonObject { ["name"] = each.Name, ["summary"] = each.Summary, ["source"] = each.Source }),
                ["sets"] = CliJson.List(FaultClasses.Sets, set => new JsonObject
                {
                    ["name"] = set.Name,
                    ["summary"] = set.Summary,
                    ["weights"] = new JsonObject(set.Classes.Select(part => KeyValuePair.Create(part.Class.Name, (JsonNode?)part.Weight))),
                }),
            };
            Console.Out.WriteLine(all.ToJsonString(CliJson.Readable.Options));
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

    private static string ToJson(FaultResult result) => new JsonObject
    {
        ["outcome"] = Word(result.Outcome),
        ["fault"] = result.Fault.Spec.ToString(),
        ["drawn_from"] = result.Fault.DrawnFrom,
        ["start_icount"] = result.StartIcount,
        ["placed_icount"] = result.Fault.PlacedIcount,
        ["changes"] = JsonSerializer.SerializeToNode(result.Fault.Changes, CliJson.Default.IReadOnlyListFaultChange),
        ["activated_icount"] = result.Fault.ActivatedIcount,
        ["is_overwritten"] = result.Fault.IsOverwritten,
        ["detected_icount"] = result.Fault.DetectedIcount,
        ["latency"] = result.Fault.Latency,
        ["failed_in"] = result.Fault.FailedIn,
        ["message"] = result.Fault.Message,
        ["stopped"] = result.Stopped is { } stopped ? Word(stopped) : null,
        ["takeover_icount"] = result.TakeoverIcount,
        ["last_mark"] = result.LastMark,
        ["processes"] = JsonSerializer.SerializeToNode(result.Processes, CliJson.Default.IReadOnlyListResurrectedProcess),
        ["end_icount"] = result.EndIcount,
        ["final_hash"] = result.FinalHash,
    }.ToJsonString(CliJson.Readable.Options);

    private static void Row(string name, string text) => Console.Out.WriteLine($"{name,-12} {text}");

    private static string Word(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static string Number(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
