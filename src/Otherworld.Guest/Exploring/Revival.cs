using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Exploring;

/// <summary>A death of a kernel and what came back of its processes, seen from outside: both kernels' structures are compared, and nobody is asked.</summary>
public sealed class Revival
{
    private readonly IReadOnlyList<ProcessImage> _before;
    private IReadOnlyList<ProcessImage> _after = [];

    /// <param name="death">The dying kernel's word.</param>
    /// <param name="before">The processes it had.</param>
    internal Revival(RunEvent death, IReadOnlyList<ProcessImage> before)
    {
        Death = death;
        _before = before;
    }

    /// <summary>The dying kernel's word.</summary>
    public RunEvent Death { get; }

    /// <summary>When the processes ran again; null while they do not.</summary>
    public RunEvent? Gate { get; private set; }

    /// <summary>The processes of both kernels, by pid: of each what it was and what it is; null where it was not, or is no more.</summary>
    public IReadOnlyList<(KernelTask? Before, KernelTask? After)> Processes() =>
    [
        .. from pid in _before.Concat(_after).Select(process => process.Task.Pid).Distinct().Order()
           select (Find(_before, pid)?.Task, Find(_after, pid)?.Task),
    ];

    /// <summary>The memory of a process of the dead kernel, area by area, with what became of each page.</summary>
    /// <returns>Null when it had no such process.</returns>
    public IReadOnlyList<AreaFates>? Memory(int pid)
    {
        if (Find(_before, pid) is not { } before)
            return null;
        ProcessImage? after = Find(_after, pid);
        return
        [
            .. from area in before.Areas
               let pages = before.Pages.Values.Where(page => page.Linear >= area.Start && page.Linear < area.End).OrderBy(page => page.Linear)
               select new AreaFates(area, [.. pages.Select(page => new FatedPage(page.Linear, page.Physical, After(after, page.Linear), Fate(before, after, page)))]),
        ];
    }

    /// <summary>The gate is open.</summary>
    internal void Revived(RunEvent gate, IReadOnlyList<ProcessImage> after) => (Gate, _after) = (gate, after);

    private static PageFate Fate(ProcessImage before, ProcessImage? after, UserPage page)
    {
        if (after is null)
            return PageFate.Lost;
        if (!after.Pages.TryGetValue(page.Linear, out UserPage now))
            return page.IsAnonymous ? PageFate.Lost : PageFate.Reread;
        if (after.Contents[page.Linear] != before.Contents[page.Linear])
            return PageFate.Changed;
        if (now.Physical == page.Physical)
            return PageFate.Adopted;
        return page.IsAnonymous ? PageFate.Copied : PageFate.Reread;
    }

    private static ulong? After(ProcessImage? after, ulong linear) => after is not null && after.Pages.TryGetValue(linear, out UserPage page) ? page.Physical : null;

    private static ProcessImage? Find(IReadOnlyList<ProcessImage> processes, int pid) => processes.FirstOrDefault(process => process.Task.Pid == pid);
}
