using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core;
using Otherworld.Guest.Exploring;
using Otherworld.Guest.Inspection;

namespace Otherworld.Cli.Explore;

/// <summary>What the page is told, in the form in which it is told.</summary>
internal static class ExploreViews
{
    /// <summary>The run as far as it is known.</summary>
    public static JsonNode Run(ExploredRun run, RunExplorer explorer) => new JsonObject
    {
        ["path"] = run.Path,
        ["first"] = explorer.First,
        ["known"] = explorer.Known,
        ["whole"] = explorer.IsWhole || run.Problem is not null,
        ["problem"] = run.Problem ?? (explorer.Divergence is { } difference ? $"the replay differs from the recording: {difference.Where} was {difference.Recorded}, is {difference.Replayed}" : null),
        ["symbols"] = explorer.Symbols is not null,
        ["events"] = JsonSerializer.SerializeToNode(explorer.Events, ExploreJson.Page.IReadOnlyListRunEvent),
        ["lines"] = CliJson.List(explorer.Consoles, console => console.Bytes.Length),
        ["deaths"] = CliJson.List(explorer.Revivals, revival => new JsonObject { ["death"] = Event(revival.Death), ["gate"] = Event(revival.Gate) }),
    };

    /// <summary>What a serial line said and when.</summary>
    public static JsonNode Console(RunExplorer explorer, int line) => line < explorer.Consoles.Count
        ? new JsonObject
        {
            ["text"] = Convert.ToBase64String(explorer.Consoles[line].Bytes),
            ["stamps"] = CliJson.List(explorer.Consoles[line].Stamps, stamp => new JsonArray(stamp.Icount, stamp.Length)),
        }
        : throw new OtherworldException($"there is no line {line}.");

    /// <summary>The machine at an instruction.</summary>
    public static JsonNode Moment(MomentView moment) => new JsonObject
    {
        ["icount"] = moment.Icount,
        ["vtime_ns"] = moment.VtimeNs,
        ["cpl"] = moment.Cpl,
        ["place"] = moment.Place,
        ["registers"] = JsonSerializer.SerializeToNode(moment.Registers, ExploreJson.Page.IReadOnlyListRegisterView),
        ["code"] = JsonSerializer.SerializeToNode(moment.Code, ExploreJson.Page.IReadOnlyListCodeLine),
        ["stack"] = moment.Stack,
        ["generation"] = moment.Generation,
        ["tasks"] = CliJson.List(moment.Tasks.Where(task => !task.IsKernelThread), Task),
        ["current"] = moment.Current,
        ["damages"] = CliJson.List(moment.Damages, damage => $"{damage.Where}, at {damage.Address:x16}: {damage.What}"),
    };

    /// <summary>A death: its processes before and after, side by side.</summary>
    public static JsonNode Death(RunExplorer explorer, int number) => CliJson.List(Revival(explorer, number).Processes(), process => new JsonObject
    {
        ["pid"] = (process.Before ?? process.After)!.Pid,
        ["before"] = process.Before is { } before ? Task(before) : null,
        ["after"] = process.After is { } after ? Task(after) : null,
    });

    /// <summary>The memory of a process and what became of it.</summary>
    public static JsonNode Memory(RunExplorer explorer, int number, int pid) => Revival(explorer, number).Memory(pid) is { } areas
        ? CliJson.List(areas, area => new JsonObject
        {
            ["start"] = Hex(area.Area.Start),
            ["end"] = Hex(area.Area.End),
            ["permissions"] = area.Area.Permissions,
            ["name"] = area.Area.Name,
            ["pages"] = CliJson.List(area.Pages, Page),
        })
        : throw new OtherworldException(string.Create(CultureInfo.InvariantCulture, $"the dead kernel had no process {pid}."));

    private static JsonObject Page(FatedPage page) => new()
    {
        ["at"] = Hex(page.Linear),
        ["before"] = Hex(page.Before),
        ["after"] = page.After is { } now ? Hex(now) : null,
        ["fate"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(page.Fate.ToString()),
    };

    private static JsonNode? Event(RunEvent? happened) => JsonSerializer.SerializeToNode(happened, ExploreJson.Page.RunEvent);

    private static Revival Revival(RunExplorer explorer, int number) =>
        number < explorer.Revivals.Count ? explorer.Revivals[number] : throw new OtherworldException(string.Create(CultureInfo.InvariantCulture, $"there is no death {number} in this run."));

    private static JsonObject Task(KernelTask task) => new()
    {
        ["pid"] = task.Pid,
        ["parent_pid"] = task.ParentPid,
        ["name"] = task.Name,
        ["state"] = task.State.ToString(),
        ["threads"] = task.Threads,
        ["rss_kib"] = task.ResidentKilobytes,
    };

    private static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);
}
