using System.Globalization;
using System.Text;
using Emu.X86.Paging;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Overhead;

namespace Otherworld.Guest.Protection;

/// <summary>The report as a page for people: docs/protected.md.</summary>
public static class ProtectionPage
{
    private const string LookedAtTwice =
        """
        ## What is looked at twice

        A kernel that goes wrong may also answer a `write()` whose bytes are nowhere, and live until somebody has acted on the answer. So a write through the page cache is seen, ahead of
        its answer, to be where it belongs, and a read likewise ([verify.c](../images/protected/tree/kernel/otherworld/verify.c)). A kernel that finds it otherwise dies, and its successor makes the
        call again. Why so: [ADR 8](adr/0008-look-twice.md).

        | what is seen | when |
        |---|---|
        | `read()`, `write()`, `pread64()` and `pwrite64()` have the buffer and no more than the length that stand in the registers of the call, and with a place in the file, that one | ahead of the first page |
        | an append begins where the file ends | ahead of it |
        | a buffer that is said not to be there (`EFAULT`) is not | ahead of the answer |
        | the page is locked, and in the file's tree it is the one at that place | ahead of the copy into it: nothing is spoilt |
        | the page has the bytes of the process's buffer | after the copy; what differs is copied again first, three times |
        | page and buffers are dirty and up to date, and the tree says so (ext4) | before the page is unlocked |
        | the file is as long as before, or as the write makes it | after each page |
        | the folio that is read is the file's at that place | ahead of the copy out of it |
        | the reader's buffer has the bytes of the page | after the copy, as above |
        | what a connection, a pipe or another file was given, or gave, is what stands in the buffer (`copy_from_iter()`, `copy_to_iter()`) | after the copy, as above |
        | what was found by a name has that name, in that directory | when it was found, ahead of what is done to it |
        | a call that answers `0` or an error, and may be made again (`stat()`, `fsync()`, `ftruncate()`, ...), does so | ahead of the answer |

        Not seen: what goes past the page cache (`O_DIRECT`, DAX) or into it by a mapping; bytes of pages that somebody has mapped, which may be the buffer themselves, and of buffers that are the kernel's
        own (`splice()`, `sendfile()`); which page of tmpfs is read; a file that was wrong before the call came to the page cache, and a buffer or length of calls with several; where else a copy went that
        went wrong; and whether the disk has what the page cache has.
        """;

    private const string ThereTwice =
        """
        ## What is there twice

        While a process is in the kernel its registers lie at the top of its kernel stack and nowhere else, and a copy into a buffer of that stack that is too long runs over them. So they are copied
        to the task when it enters the kernel ([registers.c](../images/protected/tree/kernel/otherworld/registers.c)), and the successor takes them from there where the stack has others
        ([resurrection-entry.md](resurrection-entry.md#known-twice)). Why so: [ADR 9](adr/0009-registers-kept.md).

        Not there twice: registers of a process on its way out of the kernel, from the delivery of its signals on; those that a call gives it (`execve()`, `rt_sigreturn()`); and how far a call was, which stands below the
        registers and is run over first: a call that may not be issued again wherever it was is refused (`call-chain`).
        """;

    /// <summary>Writes the page.</summary>
    public static string Of(ProtectionReport report)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            # Protected mode

            Written by `./otherworld overhead --protected --results docs/protected.md`; images `{report.Image}` and `{report.ProtectedImage}`.

            A kernel that is about to die may write anywhere first. By default nothing keeps such a write from memory of applications, which is all that is left of them
            afterwards. In protected mode it faults instead, and the fault is the death that Otherworld waits for. It is a kernel of its own, in the image `protected`
            (`./otherworld image build protected`, `demo --app NAME --protected`, `campaign plan --protected`); the default kernel has none of its code.

            ## How

            A kernel can write to a page of a process by two ways. By the process's own mapping: there SMAP stops it, except in the copies of system calls, between STAC and
            CLAC; that is so in the default kernel, too. And by its own mapping of all memory: there a private page of a process is read-only as long as a process has it
            ([protect.c](../images/protected/tree/kernel/otherworld/protect.c)). Why so, and what else was weighed, is in [ADR 5](adr/0005-protected-mode.md).

            ## What is not protected

            | memory | why |
            |---|---|
            | page cache, also where a process has mapped it (`MAP_SHARED` of a file, pages of its program that it has not written); but see below | `write()` and reading from disk write there by the kernel's own mapping; a private page begins with the copy that the first write of the process makes |
            | shared memory: tmpfs, POSIX, SysV, `MAP_SHARED` without a file | it is page cache of tmpfs |
            | buffers of pipes, sockets and terminals, rings of native AIO and of packet sockets, vDSO data | the kernel's own memory, which it writes by design |
            | pages pinned for DMA (direct I/O) | the device writes by physical address, past all page tables; the right page as long as the driver's own data is right |
            | any page, by DMA of a device that is told a wrong address | there is no IOMMU |
            | what a system call is to write to | between STAC and CLAC the kernel writes by the process's mapping, with the process's rights: a wrong address there, or length, hits memory of the process that called |
            | a page that is opened: arguments of `execve()` for a new program, `ptrace()`, `/proc/PID/mem`, `process_vm_writev()` | for the length of that copy, this page only |
            | a page before it is in a process (cleared, copied, read from swap) and after | it has no contents of a process yet, or none any more; in swap it is on the disk |
            | page tables, `struct page`, descriptors of processes, CR0.WP and CR4.SMAP | the kernel's own data. A wild write there can open a way, or lose a page; [resurrection](resurrection.md) checks what it reads |
            | memory of a process that is being brought back, until the crash kernel has taken it over, and while it grows up | dead memory is read-only as a whole before |

            {LookedAtTwice}

            {ThereTwice}

            ## What it costs

            Each application does the same work under both kernels: a server answers {ApplicationLoad.Requests} requests of clients that are new processes each, an editor is started {ApplicationLoad.Texts} times, takes a text, saves
            it and ends; client, shell and background work count. Misses are those of a fixed model of a TLB ([TlbModel.cs](../src/Emu.X86/Paging/TlbModel.cs)): {TlbModel.FirstEntries} entries
            in sets of {TlbModel.Ways}, behind them {TlbModel.SecondEntries:#,0} in sets of {TlbModel.Ways}, LRU, pages of all sizes in both; data accesses only. The estimate takes a cycle for each instruction, {LoadCount.SecondLevelCycles} for a miss that the second
            level answers and {LoadCount.WalkCycles} for a walk. Both kinds of cost are more where processes begin and end than where they compute: a program that does
            not enter the kernel pays nothing.

            | application | instructions | protected | more | first-level misses | protected | walks | protected | estimate |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|

            """);
        foreach (ProtectionCost cost in report.Costs)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {DemoApps.Name(cost.App)} | {cost.Default.Instructions:#,0} | {cost.Protected.Instructions:#,0} | {Percent(cost.InstructionShare)} ")
                .Append(CultureInfo.InvariantCulture, $"| {cost.Default.Misses.FirstMisses:#,0} | {cost.Protected.Misses.FirstMisses:#,0} | {cost.Default.Misses.Walks:#,0} | {cost.Protected.Misses.Walks:#,0} | **{Percent(cost.Share)}** |\n");
        }

        AppendPaths(page, report);
        return page.ToString();
    }

    /// <summary>What each way through the kernel costs.</summary>
    private static void AppendPaths(StringBuilder page, ProtectionReport report)
    {
        page.Append("""

            The authors of Otherworld report 4 to 12 % with protection of application memory (from their abstract: not measured by us, and with other loads).

            ## By way through the kernel

            As in [overhead.md](overhead.md): the instructions that each way costs most often, and by how many the protected kernel's must be moved to cover them best.

            | way | protected | default | difference | alike |
            |---|--:|--:|--:|--:|

            """);
        foreach (PathPair path in report.Paths)
            page.Append(CultureInfo.InvariantCulture, $"| {path.Patched.Name} | {path.Patched.Mode:#,0} | {path.Unpatched.Mode:#,0} | {path.Difference:#,0} | {100 * path.Alike:0.0} % |\n");
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:+0.00;-0.00;0.00} %");
}
