using System.Globalization;

namespace Otherworld.Guest.Inspection;

/// <summary>Finds the processes of a kernel twice, in the list of tasks and by their pids: who is missing from a damaged one is found in the other.</summary>
/// <param name="kernel">The kernel.</param>
internal sealed class TaskReader(KernelReader kernel)
{
    private const string ListName = "the list of tasks";
    private const string TreeName = "the tree of pids";
    private const int MostPids = 1 << 22; // PID_MAX_LIMIT
    private const uint Idle = 0x402; // TASK_IDLE
    private const uint Reported = 0x7F; // TASK_REPORT
    private const string StateLetters = "RSDTtXZP"; // fs/proc/array.c: task_state_array
    private const ulong PageKilobytes = 4;

    private readonly KernelReader _kernel = kernel;
    private Dictionary<ulong, KernelTask>? _tasks;

    /// <summary>All processes by ascending pid, without the idle one.</summary>
    public IReadOnlyList<KernelTask> All() => [.. Found().Values.OrderBy(task => task.Pid)];

    /// <summary>The structure of a process.</summary>
    public KernelObject ObjectOf(KernelTask task) => new(_kernel, task.Address, _kernel.Types.Find("task_struct"));

    private Dictionary<ulong, KernelTask> Found()
    {
        if (_tasks is not null)
            return _tasks;
        _tasks = [];
        HashSet<ulong> listed = [.. InList()];
        HashSet<ulong> numbered = [.. InTree()];
        foreach (ulong address in listed.Union(numbered))
        {
            if (_kernel.Try($"the task at {address:x16}", () => Read(address)) is not { } task)
                continue;
            if (!_tasks.Values.Any(other => other.Pid == task.Pid))
                _tasks.Add(address, task);
            else
                _kernel.Report(ListName, address, $"a second task with pid {task.Pid}");
            if (!listed.Contains(address))
                _kernel.Report(ListName, address, $"task {task.Pid} ({task.Name}) is missing; it was found by its pid");
            if (!numbered.Contains(address))
                _kernel.Report(TreeName, address, $"task {task.Pid} ({task.Name}) is missing; it was found in the list of tasks");
        }

        return _tasks;
    }

    /// <summary>Addresses of the leaders in <c>init_task.tasks</c>.</summary>
    private IEnumerable<ulong> InList()
    {
        ulong offset = _kernel.Types.OffsetOf("task_struct", "tasks");
        return _kernel.List(_kernel.Symbols.AddressOf("init_task") + offset, ListName).Select(element => element - offset);
    }

    /// <summary>Addresses of the leaders by <c>init_pid_ns.idr</c>, which leads from each number to a <c>struct pid</c>, and that to its task.</summary>
    private List<ulong> InTree()
    {
        KernelObject root = _kernel.Global("init_pid_ns", "pid_namespace").At("idr.idr_rt");
        ulong link = _kernel.Types.OffsetOf("task_struct", "pid_links"); // of PIDTYPE_PID, the first
        List<ulong> leaders = [];
        foreach ((ulong number, ulong entry) in new XArray(_kernel, TreeName).Entries(root))
        {
            _kernel.Try($"{TreeName}, pid {number}", () =>
            {
                KernelObject pid = _kernel.At(entry, _kernel.Types.Find("pid"), root.Address);
                ulong first = pid.Word("tasks", 0);
                if (first == 0)
                    return null; // a number somebody still holds whose process is gone, or is not there yet
                KernelObject task = _kernel.At(first - link, _kernel.Types.Find("task_struct"), pid.AddressOf("tasks"));
                if ((ulong)task.Number("pid") != number)
                    throw new KernelDamageException(task.AddressOf("pid"), $"the task of pid {number} says {task.Number("pid")}");
                if (task.Number("pid") == task.Number("tgid"))
                    leaders.Add(task.Address);
                return "";
            });
        }

        return leaders;
    }

    private KernelTask Read(ulong address)
    {
        KernelObject task = _kernel.At(address, _kernel.Types.Find("task_struct"), address);
        long pid = task.Number("pid");
        string name = task.Text("comm");
        if (pid is < 0 or >= MostPids || name.Length is 0 or > 15 || name.Any(char.IsControl))
            throw new KernelDamageException(address, string.Create(CultureInfo.InvariantCulture, $"is no task: pid {pid}, name of {name.Length} characters"));
        KernelObject? memory = task.Follow("mm");
        return new KernelTask(
            (int)pid,
            (int)task.Require("real_parent").Number("tgid"),
            name,
            StateOf(task),
            (uint)task.Require("real_cred").Word("uid.val"),
            memory is { } mm ? ResidentPages(mm) * (long)PageKilobytes : 0,
            (int)task.Require("signal").Number("nr_threads"),
            memory is null,
            address);
    }

    private static char StateOf(KernelObject task)
    {
        uint state = (uint)task.Word("__state");
        if (state == Idle)
            return 'I';
        uint reported = (state | (uint)task.Word("exit_state")) & Reported;
        return StateLetters[reported == 0 ? 0 : System.Numerics.BitOperations.Log2(reported) + 1];
    }

    /// <summary>get_mm_rss(): pages of files, anonymous pages, and those of shared memory.</summary>
    private static long ResidentPages(KernelObject memory)
    {
        const int files = 0, anonymous = 1, shared = 3; // include/linux/mm_types_task.h
        return (long)(memory.Word("rss_stat.count", files) + memory.Word("rss_stat.count", anonymous) + memory.Word("rss_stat.count", shared));
    }
}
