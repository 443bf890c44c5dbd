using Emu.Core.Machine;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Campaigns;

/// <summary>A hand that types on ttyS0 while the guest runs towards its fault: the same keys at the same ticks in every experiment.</summary>
/// <param name="console">The guest, in its warm state.</param>
/// <param name="keys">What is typed.</param>
public sealed class Workload(GuestConsole console, string keys)
{
    /// <summary>Guest ns between two keys.</summary>
    public const ulong KeyInterval = 2_000_000;

    private readonly GuestConsole _console = console;
    private readonly string _keys = keys;
    private readonly int _said = console.Lines[0].Length;
    private readonly int _debugSaid = console.Debug.Length;
    private ulong _due = console.Guest.Machine.Clock.Now + KeyInterval;

    /// <summary>What the guest was given so far.</summary>
    public string Typed { get; private set; } = "";

    /// <summary>What ttyS0 said until the fault was injected.</summary>
    public string Echo { get; private set; } = "";

    /// <summary>When processes ran again behind the fault; null while they have not.</summary>
    public Moment? Revival => _console.Debug.Find(_debugSaid, "ow: gate-open");

    /// <summary>A look at the application has begun already, and the kernel died meanwhile.</summary>
    public bool IsLookedAt { get; set; }

    /// <summary>Runs to an exact instruction count, or until the machine stops.</summary>
    public RunResult RunToIcount(ulong icount)
    {
        PcMachine machine = _console.Guest.Machine;
        while (_console.Guest.Processor.InstructionCount < icount)
        {
            if (Typed.Length < _keys.Length && machine.Clock.Now >= _due)
                Press();
            ulong limit = machine.Clock.Now + (icount - _console.Guest.Processor.InstructionCount);
            RunResult result = _console.Run(Typed.Length < _keys.Length ? Math.Min(limit, _due) : limit);
            if (result.Reason != StopReason.Limit)
                return result;
        }

        return new RunResult(StopReason.Limit);
    }

    /// <summary>No key is typed any more: what was seen until now was acknowledged.</summary>
    public void Stop() => Echo = _console.Lines[0].From(_said);

    /// <summary>A guest that does not read its line keeps the hand waiting.</summary>
    private void Press()
    {
        PcMachine machine = _console.Guest.Machine;
        _due = machine.Clock.Now + KeyInterval;
        if (machine.LineRoom(InputSource.Serial0) == 0)
            return;
        machine.Inject(InputSource.Serial0, new[] { (byte)_keys[Typed.Length] });
        Typed += _keys[Typed.Length];
    }
}
