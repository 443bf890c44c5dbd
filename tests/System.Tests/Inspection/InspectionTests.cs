using System.Globalization;
using System.Tests.Resurrection;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace System.Tests.Inspection;

/// <summary>What we read in a kernel's memory is what that kernel says itself, in /proc.</summary>
[TestFixture]
public sealed class InspectionTests
{
    private WitnessGuest _guest = null!;
    private KernelInspector _kernel = null!;
    private int _pid;

    /// <summary>A process with files of every sort; it sleeps, so that nothing of it changes while we ask.</summary>
    [OneTimeSetUp]
    public void StartProcess()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.Ask("cd /data/work; echo 0123456789 > kept; echo gone > lost");
        _guest.Ask("{ sleep 1000 3<kept 4>>kept 5<lost 6</dev/null 7</proc/version | sleep 1001 & }");
        _guest.Pass(100_000_000); // both have begun their own programs
        _guest.Ask("rm lost");
        _kernel = Inspector(_guest);
        _pid = _kernel.Tasks().First(task => task.Name == "sleep").Pid;
    }

    [Test]
    public void Tasks_are_those_in_proc()
    {
        string said = _guest.Ask("for p in /proc/[0-9]*; do echo = $(cat $p/stat | cut -d' ' -f1-4) / $(grep -e VmRSS -e Uid -e Threads $p/status); done");
        Dictionary<int, KernelTask> tasks = Inspector(_guest).Tasks().ToDictionary(task => task.Pid);
        int compared = 0;
        foreach (string line in said.Split('\n').Where(line => line.StartsWith("= ", StringComparison.Ordinal) && line.Contains(" / ", StringComparison.Ordinal)))
        {
            string[] words = line.Trim().Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            int pid = int.Parse(words[1], CultureInfo.InvariantCulture);
            if (!tasks.TryGetValue(pid, out KernelTask? task))
                continue; // the grep and the cut that said it
            compared++;
            Assert.That(words[2], task.IsKernelThread ? Does.StartWith($"({task.Name}") : Is.EqualTo($"({task.Name})"), line); // proc adds what a kworker works at
            Assert.That(task.ParentPid.ToString(CultureInfo.InvariantCulture), Is.EqualTo(words[4]), line);
            Assert.That(task.UserId.ToString(CultureInfo.InvariantCulture), Is.EqualTo(After("Uid:")), line);
            Assert.That(task.Threads.ToString(CultureInfo.InvariantCulture), Is.EqualTo(After("Threads:")), line);
            if (task.Name is "sleep" or "init")
                Assert.That((task.State, task.ResidentKilobytes.ToString(CultureInfo.InvariantCulture)), Is.EqualTo((words[3][0], After("VmRSS:"))), line);
            Assert.That(task.IsKernelThread, Is.EqualTo(!words.Contains("VmRSS:")), line);

            string After(string word) => words[Array.IndexOf(words, word) + 1];
        }

        Assert.That(compared, Is.EqualTo(tasks.Count));
        Assert.That(tasks.Values.Count(task => task.Name == "sleep"), Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public void Files_are_those_in_proc()
    {
        string said = _guest.Ask($"cd /proc/{_pid}/fd; for f in *; do echo = $f $(grep -e pos -e flags ../fdinfo/$f) $(readlink $f); done; cd /data/work");
        string[] theirs = [.. said.Split('\n').Where(line => line.StartsWith("= ", StringComparison.Ordinal)).Select(line => line.Trim())];
        string[] ours = [.. _kernel.Files(_pid)!.Select(file => string.Create(
            CultureInfo.InvariantCulture, $"= {file.Descriptor} pos: {file.Offset} flags: {"0" + Convert.ToString(file.Flags, 8)} {file.Path}"))];
        Assert.That(ours, Is.EqualTo(theirs));
        Assert.That(string.Join('\n', ours), Does.Contain("/data/work/lost (deleted)").And.Contain("pipe:[").And.Contain("/dev/null").And.Contain("/proc/version"));
        Assert.That(_kernel.Damages, Is.Empty);
    }

    [Test]
    public void Memory_areas_are_those_in_proc()
    {
        foreach (int pid in (int[])[1, _pid])
        {
            string[] theirs = [.. _guest.Ask($"cat /proc/{pid}/maps").Split('\n').Where(line => line.Contains("p 0", StringComparison.Ordinal)).Select(line => line.TrimEnd())];
            string[] ours = [.. _kernel.Areas(pid)!.Select(area => string.Create(
                CultureInfo.InvariantCulture, $"{area.Start:x8}-{area.End:x8} {area.Permissions} {area.Offset:x8} {area.Major:x2}:{area.Minor:x2} {area.Inode} ").PadRight(73) + area.Name)];
            Assert.That(ours.Select(line => line.TrimEnd()), Is.EqualTo(theirs));
            Assert.That(ours, Has.Length.GreaterThan(5));
        }
    }

    [Test]
    public void A_page_is_what_the_guest_says_of_it()
    {
        foreach (MemoryArea area in _kernel.Areas(_pid)!.Where(area => area.Name is "[stack]" or "[heap]" || area.Inode != 0))
        {
            ulong at = area.Name == "[stack]" ? area.End - 4096 : area.Start;
            if (Number($"/proc/{_pid}/pagemap", at >> 12) is not { } entry || entry >> 63 == 0)
                continue;
            ulong frame = entry & ((1UL << 55) - 1);
            PageInfo page = _kernel.Page(frame)!;
            if (page.Use == "anonymous") // a page of the file is also mapped by those who ask
                Assert.That((ulong)page.Mappings!.Value, Is.EqualTo(Number("/proc/kpagecount", frame)), area.Name);
            Assert.That(page.Users.Select(user => (user.Pid, user.Address)), Does.Contain((_pid, at)), area.Name);
            Assert.That(page.Users, Has.Count.EqualTo(page.Mappings), area.Name);
            Assert.That(page.Use, area.Inode == 0 ? Is.EqualTo("anonymous") : Does.StartWith("file ").Or.EqualTo("anonymous"), area.Name);
        }

        Assert.That(_kernel.Damages, Is.Empty);

        ulong? Number(string file, ulong index)
        {
            string said = _guest.Ask($"dd if={file} bs=8 skip={index} count=1 2>/dev/null | hexdump -e '\"= %08x\" \" %08x\\n\"'");
            string? line = said.Split('\n').FirstOrDefault(line => line.StartsWith("= ", StringComparison.Ordinal))?.Trim();
            return line?.Split(' ') is [_, var low, var high] ? Convert.ToUInt64(high + low, 16) : null;
        }
    }

    [Test]
    public void Pages_of_the_kernel_are_told_apart()
    {
        KernelInstance kernel = new KernelFinder(_guest.Memory, _guest.Symbols).Live();
        KernelTask task = _kernel.Tasks().Single(task => task.Pid == _pid);
        Assert.That(Use(task.Address), Is.EqualTo("slab task_struct"));
        Assert.That(Use(_guest.Symbols.AddressOf("init_task")), Does.StartWith("kernel image at "));

        string Use(ulong linear) => _guest.Memory.TryTranslate(kernel.Root, linear, out ulong physical) ? _kernel.Page(physical >> 12)!.Use : "not mapped";
    }

    /// <summary>Looks into the kernel that runs in a guest.</summary>
    internal static KernelInspector Inspector(WitnessGuest guest) => new(new KernelFinder(guest.Memory, guest.Symbols).Live(), guest.Symbols, Types.Value);

    /// <summary>The types of our kernel.</summary>
    internal static Lazy<KernelTypes> Types { get; } = new(() => KernelTypes.Load(Images.Otherworld.Path(ImageRoles.VmlinuxDebug)));
}
