using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Overhead;

/// <summary>The report as a page for people: docs/overhead.md.</summary>
public static class OverheadPage
{
    /// <summary>Writes the page.</summary>
    public static string Of(OverheadReport report)
    {
        var page = new StringBuilder();
        KernelComparison code = report.Comparison;
        page.Append(CultureInfo.InvariantCulture, $"""
            # What the patches cost

            Written by `./otherworld overhead --results docs/overhead.md`; images `{report.Image}` and `{report.Unpatched}`.

            ## The code

            The second kernel is the same source, built by the same compiler with the same configuration, without our patches. Both linked kernels are
            compared function by function and instruction by instruction. Addresses that the linker filled in are not compared as numbers; a branch, call or
            pointer into code must lead to the same place of the same function.

            {code.Same:#,0} functions are the same. {code.Changed.Count} differ, those that [the list of hooks](../images/kernel/README.md) names, and what differs is
            on no way of a kernel that lives, but for those of a call whose descriptor is not open (`__fget_light`), that is none (`__x64_sys_ni_syscall`), or whose buffer lies in the kernel's half (patch 0016), and of who is refused memory, or ended for an access (patches 0018 and 0019): {string.Join(", ", code.Changed.Select(name => $"`{name.Name}`"))}. {code.Added.Count:#,0} are new; what is the same in
            both kernels cannot call them, but for a timer of ours that sees every 5 s whether threads still get their turn.

            ## The running kernel

            Each way is gone many times in either kernel, with the same root, disk and memory, by the program `images/guest/paths`. The time stamp counter of this
            machine counts retired instructions, in kernel and user mode. Now and then a timer interrupts, or a list is longer; the table has the cost that came
            most often, and in which part of the rounds. Where much is allocated (fork, exec) there are many usual costs, as one of the allocator's lists is empty
            in most rounds, each time another one. The difference is therefore that by which all costs of one kernel must be moved to cover those of the other
            best, and the last column the part of the rounds that then cost the same.

            | way | with patches | rounds | without | rounds | difference | alike |
            |---|--:|--:|--:|--:|--:|--:|

            """);
        foreach (PathPair path in report.Paths)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {path.Patched.Name} | {path.Patched.Mode:#,0} | {Share(path.Patched.ModeCount, path.Patched)} ")
                .Append(CultureInfo.InvariantCulture, $"| {path.Unpatched.Mode:#,0} | {Share(path.Unpatched.ModeCount, path.Unpatched)} | {path.Difference:#,0} | {100 * path.Alike:0.0} % |\n");
        }

        page.Append("\nThe watchdog adds nothing either: it is a device that looks at the mode of the processor from outside.\n");
        return page.ToString();
    }

    private static string Share(int count, PathCount path) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / path.Rounds:0.0} %");
}
