using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>Looks into a kernel from outside: its processes, their files and memory, its pages. What is damaged is said, and never followed for ever.</summary>
public sealed class KernelInspector
{
    private readonly KernelReader _kernel;
    private readonly TaskReader _tasks;

    /// <param name="kernel">The kernel.</param>
    /// <param name="symbols">Of the kernel.</param>
    /// <param name="types">Of the kernel.</param>
    public KernelInspector(KernelInstance kernel, SymbolTable symbols, KernelTypes types)
    {
        _kernel = new KernelReader(kernel, symbols, types);
        _tasks = new TaskReader(_kernel);
    }

    /// <summary>What was found damaged so far, in the order of finding.</summary>
    public IReadOnlyList<Damage> Damages => _kernel.Damages;

    /// <summary>All processes by ascending pid, without the idle one.</summary>
    public IReadOnlyList<KernelTask> Tasks() => _tasks.All();

    /// <summary>The files a process has open.</summary>
    /// <returns>Null when there is no such process.</returns>
    public IReadOnlyList<OpenFile>? Files(int pid) => Find(pid) is { } task ? new FileReader(_kernel).Of(_tasks.ObjectOf(task), NameOf(task)) : null;

    /// <summary>The memory areas of a process.</summary>
    /// <returns>Null when there is no such process.</returns>
    public IReadOnlyList<MemoryArea>? Areas(int pid) => Find(pid) is { } task ? new AreaReader(_kernel).Of(_tasks.ObjectOf(task), NameOf(task)) : null;

    /// <summary>The pages in the page tables of a process, by ascending address.</summary>
    /// <returns>Null when there is no such process.</returns>
    public IReadOnlyList<UserPage>? Pages(int pid) => Find(pid) is { } task ? new PageReader(_kernel, _tasks).Of(_tasks.ObjectOf(task), $"{NameOf(task)}: page tables") : null;

    /// <summary>What a page of memory is used for.</summary>
    /// <param name="frame">Its number: physical address / 4096.</param>
    /// <returns>Null when its <c>struct page</c> cannot be read.</returns>
    /// <exception cref="Emu.Core.OtherworldException">There is no RAM.</exception>
    public PageInfo? Page(ulong frame) => new PageReader(_kernel, _tasks).Of(frame);

    private KernelTask? Find(int pid) => _tasks.All().FirstOrDefault(task => task.Pid == pid);

    private static string NameOf(KernelTask task) => $"task {task.Pid} ({task.Name})";
}
