using System.Globalization;
using Emu.Core.Machine;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Campaigns;

/// <summary>Runs a guest with a fault in it until its kernel dies, or has shown that it does not; and then until processes run again.</summary>
public sealed class DeathWatch
{
    /// <summary>Instructions after which a kernel that goes on working counts as alive.</summary>
    private const ulong Patience = 400_000_000;

    /// <summary>Instructions and ns that a kernel may spend without user mode or idle: more than the watchdog allows.</summary>
    private const ulong HangPatience = 3_000_000_000;

    /// <summary>Guest ns in which a task that hangs is found (in 5 to 10 s), or idle or user mode without an end (15 to 30 s), and a little more.</summary>
    private const ulong NoticePatience = 31_000_000_000;

    /// <summary>The kernel works: it was in user mode or idle so short a time ago, ns.</summary>
    private const ulong Recently = 50_000_000;

    private const ulong Step = 50_000_000;

    /// <summary>Instructions from one step to the next: the crash path may hang where the kernel did, and the watchdog ends that too.</summary>
    private const ulong RevivalLimit = HangPatience;

    /// <summary>How a kernel died that did not enter its crash path, though it does nothing any more.</summary>
    public const string Unnoticed = "unnoticed";

    private static readonly string[] Steps = ["ow: jump", "ow: crash-kernel-init", "ow: writeback files=", "ow: released", "ow: armed", "ow: gate-open"];
    private static readonly string[] Kinds = ["none", "panic", "exception", "hang"]; // enum ow_crash_kind

    private readonly GuestConsole _console;
    private readonly SymbolTable _symbols;
    private int _said;

    /// <param name="guest">The guest.</param>
    public DeathWatch(CampaignGuest guest)
    {
        _console = guest.Console;
        _symbols = guest.Symbols;
    }

    /// <summary>When the kernel entered its crash path; null while it has not.</summary>
    public Moment? Death { get; private set; }

    /// <summary>Why the machine stopped, when it did without the kernel's help, for example by a triple fault.</summary>
    public StopReason Stopped { get; private set; }

    /// <summary>The kernel has been neither in user mode nor idle for longer than the watchdog allows, and has not died of it.</summary>
    public bool Hangs { get; private set; }

    /// <summary>What became of the dead kernel's processes.</summary>
    public IReadOnlyList<ResurrectedProcess> Processes { get; private set; } = [];

    private IReadOnlyList<GuestMark> Marks => GuestMark.ReadAll(_console.Debug.From(_said));

    /// <summary>How the kernel says it died; null when it did not come as far.</summary>
    public string? Kind => Value("panic", "kind") is { } kind && int.TryParse(kind, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Kinds.Length ? Kinds[number] : null;

    /// <summary>Where it says it died.</summary>
    public string? Place =>
        Value("panic", "ip") is { } ip && ulong.TryParse(ip, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address) ? _symbols.Describe(address) : null;

    /// <summary>Runs to the death, from the injection on.</summary>
    /// <param name="injector">It has injected.</param>
    /// <returns>The kernel died.</returns>
    public bool WaitForDeath(FaultInjector injector)
    {
        _said = _console.Debug.Length;
        Death = null;
        Processes = [];
        Stopped = StopReason.None;
        Hangs = false;
        Moment start = _console.Now;
        while (true)
        {
            RunResult result = _console.Run(_console.Guest.Machine.Clock.Now + Step);
            if (injector.HasDied)
            {
                Death = _console.Now;
                return true;
            }

            if (result.Reason != StopReason.Limit)
            {
                Stopped = result.Reason;
                return false;
            }

            ulong passed = _console.Now.Icount - start.Icount;
            bool works = _console.Guest.Machine.Clock.Now - _console.Guest.Processor.LastUserOrIdleTick < Recently;
            if ((passed >= Patience && works) || _console.Now.VtimeNs - start.VtimeNs >= HangPatience)
            {
                Hangs = !works;
                return false;
            }
        }
    }

    /// <summary>
    /// Runs on after a look in vain, until the kernel itself has noticed that it does not work any more: it looks for tasks that wait for ever, and the watchdog for a
    /// kernel that never comes by.
    /// </summary>
    /// <param name="injector">It has injected.</param>
    /// <returns>It has, and has died of it.</returns>
    public bool WaitForNotice(FaultInjector injector)
    {
        Moment start = _console.Now;
        while (!injector.HasDied && _console.Now.VtimeNs - start.VtimeNs < NoticePatience)
        {
            RunResult result = _console.Run(_console.Guest.Machine.Clock.Now + Step);
            if (!injector.HasDied && result.Reason != StopReason.Limit)
                break;
        }

        return injector.HasDied;
    }

    /// <summary>The kernel has died only now, while its application was being looked at.</summary>
    public void DiesLate() => Death = _console.Now;

    /// <summary>Runs from the death until resurrected processes run.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? WaitForRevival()
    {
        string? late = null;
        string last = "panic";
        foreach (string step in Steps)
        {
            if (_console.WaitFor(_console.Debug, _said, step, RevivalLimit) is null)
            {
                late = $"the crash kernel did not come to '{step}' behind '{last}'{SecondDeath()}";
                break;
            }

            last = step;
        }

        Processes = [.. Marks.Where(mark => mark.Name is "resurrected" or "not-resurrected").Select(ResurrectedProcess.Of)];
        return late;
    }

    /// <summary>What processes came back without, as <c>pid what</c>.</summary>
    public IEnumerable<(int Pid, string What)> Degraded() =>
        Marks.Where(mark => mark.Name == "degraded").Select(mark => (PidOf(mark), mark.Values.GetValueOrDefault("what", "?")));

    /// <summary>A crash kernel that died too says so itself, behind the first one's mark.</summary>
    private string SecondDeath() => Marks.Count(mark => mark.Name == "panic") > 1 ? ": it died too" : "";

    private string? Value(string mark, string key) => Marks.FirstOrDefault(found => found.Name == mark)?.Values.GetValueOrDefault(key);

    private static int PidOf(GuestMark mark) => int.Parse(mark.Values.GetValueOrDefault("pid", "0"), CultureInfo.InvariantCulture);
}
