using System.IO.Hashing;
using Emu.Core.Memory;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Exploring;

/// <summary>A process as it was at one moment: what can be told of it later, when the machine has gone on.</summary>
/// <param name="Task">The process.</param>
/// <param name="Areas">Its memory areas.</param>
/// <param name="Pages">Its pages by address.</param>
/// <param name="Contents">XxHash3 of the bytes of each page.</param>
internal sealed record ProcessImage(
    KernelTask Task, IReadOnlyList<MemoryArea> Areas, IReadOnlyDictionary<ulong, UserPage> Pages, IReadOnlyDictionary<ulong, ulong> Contents)
{
    /// <summary>All processes with memory of their own.</summary>
    /// <param name="kernel">Whose.</param>
    /// <param name="memory">The RAM.</param>
    public static IReadOnlyList<ProcessImage> All(KernelInspector kernel, PhysicalMemory memory) =>
        [.. kernel.Tasks().Where(task => !task.IsKernelThread).Select(task => Of(kernel, memory, task))];

    private static ProcessImage Of(KernelInspector kernel, PhysicalMemory memory, KernelTask task)
    {
        Dictionary<ulong, UserPage> pages = [];
        Dictionary<ulong, ulong> contents = [];
        byte[] bytes = new byte[GuestMemory.FrameSize];
        foreach (UserPage page in kernel.Pages(task.Pid) ?? [])
        {
            if (!memory.TryRead(page.Physical, bytes) || !pages.TryAdd(page.Linear, page))
                continue;
            contents.Add(page.Linear, XxHash3.HashToUInt64(bytes));
        }

        return new ProcessImage(task, kernel.Areas(task.Pid) ?? [], pages, contents);
    }
}
