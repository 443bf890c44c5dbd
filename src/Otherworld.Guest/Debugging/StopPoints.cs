using Emu.X86;
using Emu.X86.Paging;

namespace Otherworld.Guest.Debugging;

/// <summary>
/// Where a debugger wants to stop. They become breakpoints and watches of the processor only while it runs for the debugger; guest memory is never
/// written to.
/// </summary>
/// <param name="processor">The processor.</param>
public sealed class StopPoints(X86Processor processor)
{
    private readonly X86Processor _processor = processor;
    private readonly HashSet<ulong> _software = [];
    private readonly HashSet<ulong> _hardware = [];
    private readonly List<Watchpoint> _watchpoints = [];
    private readonly HashSet<ulong> _own = [];

    /// <summary>There is nowhere to stop.</summary>
    public bool IsEmpty => _software.Count + _hardware.Count + _watchpoints.Count == 0;

    /// <summary>The run stands at a place where whoever runs it wants to know of it.</summary>
    public bool IsAtOwn => _own.Contains(_processor.State.Rip);

    /// <summary>The debugger has asked for the stop that has just come; otherwise only whoever runs the guest has.</summary>
    public bool IsTheirs => _processor.Mmu.IsWatchHit || _software.Contains(_processor.State.Rip) || _hardware.Contains(_processor.State.Rip);

    /// <summary>Adds or removes a place at which whoever runs the guest wants to know of it. The debugger sees nothing of that.</summary>
    public void SetOwn(ulong linear, bool present)
    {
        if (present)
            _own.Add(linear);
        else
            _own.Remove(linear);
    }

    /// <summary>Adds or removes a breakpoint at a linear address.</summary>
    /// <param name="linear">The address.</param>
    /// <param name="hardware">What the debugger takes it for; the processor makes no difference.</param>
    /// <param name="present">Add it.</param>
    public void SetBreakpoint(ulong linear, bool hardware, bool present)
    {
        HashSet<ulong> set = hardware ? _hardware : _software;
        if (present)
            set.Add(linear);
        else
            set.Remove(linear);
    }

    /// <summary>Adds a watchpoint.</summary>
    public void Add(Watchpoint watchpoint) => _watchpoints.Add(watchpoint);

    /// <summary>Removes a watchpoint.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(ulong linear, int length, WatchKinds kinds) =>
        _watchpoints.RemoveAll(watch => watch.Linear == linear && watch.Length == length && watch.Kinds == kinds) > 0;

    /// <summary>Removes everything that the debugger has set.</summary>
    public void Clear()
    {
        _software.Clear();
        _hardware.Clear();
        _watchpoints.Clear();
    }

    /// <summary>From here on the processor stops at them.</summary>
    public void Arm()
    {
        _processor.SetBreakpoints([.. _software, .. _hardware, .. _own]);
        _processor.Mmu.Watch([.. _watchpoints.SelectMany(watch => watch.Ranges)]);
        _processor.Mmu.ForgetWatchHit();
    }

    /// <summary>From here on the processor stops nowhere but at its owner's places; it keeps what it decoded with the breakpoints in mind.</summary>
    public void Disarm()
    {
        _processor.SetBreakpoints([.. _own]);
        _processor.Mmu.Watch([]);
        _processor.Mmu.ForgetWatchHit();
    }

    /// <summary>What the processor has just stopped at.</summary>
    public Stop Hit()
    {
        if (_processor.Mmu.IsWatchHit)
        {
            WatchedRange range = _processor.Mmu.WatchHit;
            Watchpoint? watch = _watchpoints.Find(candidate => candidate.Ranges.Contains(range));
            return new Stop(StopKind.Watchpoint, watch);
        }

        return new Stop(_hardware.Contains(_processor.State.Rip) ? StopKind.HardwareBreakpoint : StopKind.Breakpoint);
    }
}
