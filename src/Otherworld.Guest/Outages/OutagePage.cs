using System.Globalization;
using System.Text;
using Otherworld.Guest.Benchmarks;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Outages;

/// <summary>Outages as a page of Markdown: what <c>docs/outages.md</c> is.</summary>
public static class OutagePage
{
    /// <summary>The whole page.</summary>
    /// <param name="outages">In any order.</param>
    /// <param name="image">The image that ran.</param>
    public static string Of(IReadOnlyList<Outage> outages, string image)
    {
        StringBuilder page = new();
        page.Append(CultureInfo.InvariantCulture, $"""
            # How long users wait

            Written by `./otherworld outage --results docs/outages.md`. Image {image}, 512 MiB, seeds {string.Join(", ", outages.Select(outage => outage.Seed).Distinct().Order())}. Counted from the
            death of the kernel (`ow_crash_run`), in millions of instructions; in brackets milliseconds of guest time. Medians.

            - *first user instruction*: the crash kernel is up and runs its process 1.
            - *application*: the next instruction of a process of the application that was killed with its kernel.
            - *answer*: an editor has shown the next key; a client on another machine has the next acknowledgement. Its request waits for TCP's retransmission timer, so time passes in which nobody computes.
            - *reboot*: from power-on, without any firmware, to the first answer of the application started anew on the disk that the dead kernel left. Of an editor: it shows another, empty file; what was typed is gone.
              A client asks all the time, and again every 20 ms.
            - *KiB read*: of the dead kernel's memory, to bring back the processes of the application, and in brackets in all (metadata and data that were not on the disk, the network, other
              processes). Damage to anything else cannot reach them by way of the crash kernel. Pages that change hands where they lie are not read.


            """);
        page.Append("| application | came back | first user instruction | application | answer | reboot | times sooner | KiB read |\n|---|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (IGrouping<DemoApp, Outage> app in outages.GroupBy(outage => outage.App))
            Row(page, app.Key, [.. app]);
        foreach (Outage outage in outages.Where(outage => outage.Problem is not null))
            page.Append(CultureInfo.InvariantCulture, $"\n{DemoApps.Name(outage.App)}, seed {outage.Seed}, killed by {outage.Kind} at {outage.Symbol}: {outage.Problem}\n");
        return page.ToString();
    }

    private static void Row(StringBuilder page, DemoApp app, Outage[] all)
    {
        Outage[] back = [.. all.Where(outage => outage.Problem is null)];
        Moment? answer = Median(back.Select(outage => outage.Waits.Answer)), reboot = Median(all.Select(outage => outage.Reboot));
        string sooner = answer is { } one && reboot is { } other ? ((double)other.Icount / one.Icount).ToString("F1", CultureInfo.InvariantCulture) : "-";
        page.Append(CultureInfo.InvariantCulture, $"| {DemoApps.Name(app)} | {back.Length} of {all.Length} | {Cell(Median(back.Select(outage => outage.Waits.FirstUser)))} | {Cell(Median(back.Select(outage => outage.Waits.Application)))} | {Cell(answer)} | {Cell(reboot)} | {sooner} | {Kibibytes(back.Select(outage => outage.BytesRead))} |\n");
    }

    /// <summary>The medians of instructions and of time; null of nothing.</summary>
    private static Moment? Median(IEnumerable<Moment?> moments)
    {
        Moment[] there = [.. moments.OfType<Moment>()];
        return there.Length == 0 ? null : new Moment((ulong)Statistics.Median([.. there.Select(moment => (double)moment.Icount)]), (ulong)Statistics.Median([.. there.Select(moment => (double)moment.VtimeNs)]));
    }

    private static string Kibibytes(IEnumerable<DeadReads?> reads)
    {
        DeadReads[] there = [.. reads.OfType<DeadReads>()];
        return there.Length == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Statistics.Median([.. there.Select(read => read.Application / 1024.0)]):F0} ({Statistics.Median([.. there.Select(read => read.All / 1024.0)]):F0})");
    }

    private static string Cell(Moment? moment) => moment is { } some ? string.Create(CultureInfo.InvariantCulture, $"{some.Icount / 1e6:F1} ({some.VtimeNs / 1e6:F0})") : "-";
}
