using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Exploring;
using Otherworld.Guest.Inspection;

namespace Otherworld.Cli.Explore;

/// <summary>What the page is told, in the form in which it is told.</summary>
internal static class ExploreViews
{
    /// <summary>The run as far as it is known.</summary>
    public static object Run(ExploredRun run, RunExplorer explorer) => new
    {
        run.Path,
        explorer.First,
        explorer.Known,
        Whole = explorer.IsWhole || run.Problem is not null,
        Problem = run.Problem ?? (explorer.Divergence is { } difference ? $"the replay differs from the recording: {difference.Where} was {difference.Recorded}, is {difference.Replayed}" : null),
        Symbols = explorer.Symbols is not null,
        explorer.Events,
        Lines = explorer.Consoles.Select(console => console.Bytes.Length),
        Deaths = explorer.Revivals.Select(revival => new { revival.Death, revival.Gate }),
    };

    /// <summary>What a serial line said and when.</summary>
    public static object Console(RunExplorer explorer, int line) => line < explorer.Consoles.Count
        ? new
        {
            Text = Convert.ToBase64String(explorer.Consoles[line].Bytes),
            Stamps = explorer.Consoles[line].Stamps.Select(stamp => new ulong[] { stamp.Icount, (ulong)stamp.Length }),
        }
        : throw new OtherworldException($"there is no line {line}.");

    /// <summary>The machine at an instruction.</summary>
    public static object Moment(MomentView moment) => new
    {
        moment.Icount,
        moment.VtimeNs,
        moment.Cpl,
        moment.Place,
        moment.Registers,
        moment.Code,
        moment.Stack,
        moment.Generation,
        Tasks = moment.Tasks.Where(task => !task.IsKernelThread).Select(Task),
        moment.Current,
        Damages = moment.Damages.Select(damage => $"{damage.Where}, at {damage.Address:x16}: {damage.What}"),
    };

    /// <summary>A death: its processes before and after, side by side.</summary>
    public static object Death(RunExplorer explorer, int number) => Revival(explorer, number).Processes().Select(process => new
    {
        (process.Before ?? process.After)!.Pid,
        Before = process.Before is { } before ? Task(before) : null,
        After = process.After is { } after ? Task(after) : null,
    });

    /// <summary>The memory of a process and what became of it.</summary>
    public static object Memory(RunExplorer explorer, int number, int pid) => Revival(explorer, number).Memory(pid)?.Select(area => new
    {
        Start = Hex(area.Area.Start),
        End = Hex(area.Area.End),
        area.Area.Permissions,
        area.Area.Name,
        Pages = area.Pages.Select(page => new { At = Hex(page.Linear), Before = Hex(page.Before), After = page.After is { } now ? Hex(now) : null, page.Fate }),
    }) ?? throw new OtherworldException(string.Create(CultureInfo.InvariantCulture, $"the dead kernel had no process {pid}."));

    private static Revival Revival(RunExplorer explorer, int number) =>
        number < explorer.Revivals.Count ? explorer.Revivals[number] : throw new OtherworldException(string.Create(CultureInfo.InvariantCulture, $"there is no death {number} in this run."));

    private static object Task(KernelTask task) => new
    {
        task.Pid,
        task.ParentPid,
        task.Name,
        State = task.State.ToString(),
        task.Threads,
        RssKib = task.ResidentKilobytes,
    };

    private static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);
}
