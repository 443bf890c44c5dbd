using Emu.Core.Time;

namespace Emu.Core.Machine;

/// <summary>Running: events, inputs, the processor, idle time.</summary>
public sealed partial class PcMachine
{
    private const ulong LongestSlice = 1UL << 40; // processors count ticks left in a signed number

    private readonly Queue<InputEvent> _inputs = new();
    private ulong _settledTick = EventQueue.Never;

    /// <summary>Is told every input before the machine sees it.</summary>
    public IInputJournal? Journal { get; set; }

    /// <summary>Looks at the machine while it runs.</summary>
    public IRunProbe? Probe { get; set; }

    /// <summary>Stops with <see cref="StopReason.Watchdog"/> at the tick at which the watchdog raises NMI. The run may go on from there.</summary>
    public bool StopOnWatchdog { get; set; }

    /// <summary>Inputs that wait for their tick.</summary>
    public int PendingInputs => _inputs.Count;

    /// <summary>The one door for everything from outside. The input is applied when the machine reaches its tick, before anything else there.</summary>
    /// <exception cref="InternalErrorException">The tick lies in the past or before that of an earlier input.</exception>
    public void Inject(in InputEvent input)
    {
        Check.That(input.Tick >= Clock.Now, "an input came too late");
        foreach (InputEvent earlier in _inputs)
            Check.That(earlier.Tick <= input.Tick, "inputs out of order");
        _inputs.Enqueue(input);
    }

    /// <summary>Injects bytes now.</summary>
    public void Inject(InputSource source, ReadOnlyMemory<byte> bytes) => Inject(new InputEvent(Clock.Now, source, bytes));

    /// <summary>Injects bytes and lets the machine have them before anything else happens, with the inputs that are due already.</summary>
    public void InjectNow(InputSource source, ReadOnlyMemory<byte> bytes)
    {
        Inject(source, bytes);
        ApplyInputs();
    }

    /// <summary>Characters that a line takes at the present tick.</summary>
    /// <param name="line">A serial line or the virtio console; of anything else, and of a console that is not there, 0.</param>
    public int LineRoom(InputSource line) => line switch
    {
        <= InputSource.Serial3 => _uarts[(int)line].LineRoom,
        InputSource.VirtioConsole => VirtioConsole?.LineRoom ?? 0,
        _ => 0,
    };

    /// <summary>
    /// Runs until <c>Clock.Now</c> is <paramref name="limit"/> or something happened that people must see. While the processor is idle, time
    /// jumps to the next event. Runs can be cut anywhere: two runs to the same tick end in the same state as one.
    /// </summary>
    public RunResult Run(ulong limit)
    {
        while (true)
        {
            ApplyInputs();
            uint fired = Watchdog.FireCount;
            Events.FireDue();
            _settledTick = Clock.Now;
            if (Stop.IsRequested)
                return Stop.Take();
            if (Probe is { } probe && probe.NextInstruction <= Processor.InstructionCount)
                probe.Reach();
            if (StopOnWatchdog && Watchdog.FireCount != fired)
                return new RunResult(StopReason.Watchdog);
            if (Clock.Now >= limit)
                return new RunResult(StopReason.Limit);

            RunExit exit = Processor.Run(Math.Min(Math.Min(NextTick, limit), Clock.Now + Slice()));
            StopReason reason = exit switch
            {
                RunExit.Halted => SkipIdle(limit),
                RunExit.TripleFault => StopReason.TripleFault,
                RunExit.FaultLoop => StopReason.FaultLoop,
                RunExit.Breakpoint => StopReason.Breakpoint,
                RunExit.Strict => StopReason.Strict,
                _ => StopReason.None,
            };
            if (reason != StopReason.None && !Stop.IsRequested)
                return new RunResult(reason);
        }
    }

    /// <summary>Takes back the inputs that wait for their tick, to give them again later.</summary>
    public InputEvent[] WithdrawInputs()
    {
        InputEvent[] waiting = [.. _inputs];
        _inputs.Clear();
        return waiting;
    }

    /// <summary>The next tick at which a timer fires or an input is applied; <see cref="EventQueue.Never"/> if nothing is due.</summary>
    public ulong NextTick => Math.Min(Events.NextTick, _inputs.TryPeek(out InputEvent input) ? input.Tick : EventQueue.Never);

    /// <summary>No instruction runs before <see cref="NextTick"/>.</summary>
    public bool IsIdle => Processor.Halted && !IsWoken;

    private bool IsWoken => (Lapic.NmiPending && !Processor.NmiBlocked) || (Processor.InterruptsEnabled && Lapic.Pending);

    /// <summary>Ticks to run without a look: every instruction is one.</summary>
    private ulong Slice() => Probe is null ? LongestSlice : Math.Min(LongestSlice, Probe.NextInstruction - Processor.InstructionCount);

    private StopReason SkipIdle(ulong limit)
    {
        if (IsWoken)
            return StopReason.None;
        if (!Processor.InterruptsEnabled && !AwaitsNmi() && (!Watchdog.EndsHalt || Processor.NmiBlocked))
            return StopReason.Halted;
        // Looked up again: what ran before HLT may have scheduled something.
        ulong target = Math.Min(NextTick, limit);
        if (target == EventQueue.Never)
            return StopReason.Idle;
        Clock.Now = Math.Max(Clock.Now, target);
        return StopReason.None;
    }

    /// <summary>Nothing else from outside wakes a processor that has interrupts disabled.</summary>
    private bool AwaitsNmi()
    {
        foreach (InputEvent input in _inputs)
        {
            if (input.Source == InputSource.Nmi)
                return true;
        }

        return false;
    }

    private void ApplyInputs()
    {
        while (_inputs.TryPeek(out InputEvent input) && input.Tick <= Clock.Now)
        {
            _inputs.Dequeue();
            Journal?.Record(input, _settledTick == Clock.Now);
            Apply(input);
        }
    }

    private void Apply(in InputEvent input)
    {
        switch (input.Source)
        {
            case InputSource.Keyboard:
                Keyboard.Press(input.Bytes.Span);
                break;
            case InputSource.Nmi:
                Lapic.Lint1.Set(true);
                Lapic.Lint1.Set(false);
                break;
            case InputSource.PowerButton:
                AcpiPm.PressPowerButton();
                break;
            case InputSource.Memory:
                Check.That(MemoryPatch.TryParse(input.Bytes, out MemoryPatch patch) && Memory.Write(patch.Physical, patch.Bytes.Span), "a patch of no RAM");
                break;
            case InputSource.Register:
                Check.That(RegisterPatch.TryParse(input.Bytes, out RegisterPatch register) && Processor.HasRegister(register.Number), "a patch of no register");
                Processor.SetRegister(register.Number, register.Value);
                break;
            case >= InputSource.Network0 and <= InputSource.Network3:
                NetworkCards[input.Source - InputSource.Network0].Receive(input.Bytes.Span);
                break;
            default:
                int taken = input.Source == InputSource.VirtioConsole ? VirtioConsole!.Inject(input.Bytes.Span) : _uarts[(int)input.Source].Receive(input.Bytes.Span);
                Check.That(taken == input.Bytes.Length, "more input than the line holds: look at PcMachine.LineRoom");
                break;
        }
    }
}
