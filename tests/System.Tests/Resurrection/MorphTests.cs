using System.Globalization;

namespace System.Tests.Resurrection;

/// <summary>A crash kernel boots in a few dozen MiB. Once it has taken over all memory, what Linux sizes by memory at boot is as large as in the first kernel.</summary>
[TestFixture]
public sealed class MorphTests
{
    /// <summary>The first kernel booted without the memory of both slots; a later one counts its own slot, too.</summary>
    private const double Least = 0.9, Most = 1.25;

    private static readonly string[] Limits =
    [
        "fs/file-max", "fs/epoll/max_user_watches", "fs/inotify/max_user_watches",
        "kernel/threads-max", "user/max_pid_namespaces", "user/max_inotify_watches",
        "net/ipv4/tcp_mem", "net/ipv4/udp_mem", "net/ipv4/tcp_rmem", "net/ipv4/tcp_wmem",
        "vm/min_free_kbytes", "vm/lowmem_reserve_ratio",
    ];

    private WitnessGuest _guest = null!;
    private string[] _before = null!;
    private string[] _after = null!;

    private static IEnumerable<TestCaseData> Cases => Limits.Append("dirty threshold").Append("size of a tmpfs").Select((limit, i) => new TestCaseData(i).SetArgDisplayNames(limit));

    /// <summary>Reads all limits, kills, and reads them again.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _before = Read();
        _guest.RunToKernelMode();
        _guest.Kill();
        _guest.WaitForGate();
        _guest.Pass(50_000_000);
        _after = Read();
    }

    [TestCaseSource(nameof(Cases))]
    public void Is_as_large_as_in_the_first_kernel(int limit)
    {
        double[] before = Numbers(_before[limit]);
        double[] after = Numbers(_after[limit]);
        TestContext.Out.WriteLine($"first kernel {_before[limit]}, crash kernel {_after[limit]}");
        Assert.That(after, Has.Length.EqualTo(before.Length).And.Length.GreaterThan(0));
        foreach ((double was, double value) in before.Zip(after))
            Assert.That(value, Is.InRange(was * Least, was * Most), $"was {_before[limit]}, is {_after[limit]}");
    }

    private static double[] Numbers(string line) =>
        [.. line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

    /// <summary>One line for each limit.</summary>
    private string[] Read()
    {
        string files = string.Join(' ', Limits);
        string answer = _guest.Ask($"cd /proc/sys; for f in {files}; do echo \"@ $(cat $f)\"; done; cd /; "
            + "echo \"@ $(sed -n 's/nr_dirty_threshold //p' /proc/vmstat)\"; "
            + "mount -t tmpfs none /tmp; echo \"@ $(df -k /tmp | sed -n 's/none *\\([0-9]*\\) .*/\\1/p')\"; umount /tmp");
        string[] lines = [.. answer.Split('\n').Select(line => line.Trim('\r')).Where(line => line.StartsWith("@ ", StringComparison.Ordinal)).Select(line => line[2..])];
        Assert.That(lines, Has.Length.EqualTo(Limits.Length + 2), answer);
        return lines;
    }
}
