using System.Globalization;
using Emu.Core;
using Emu.X86.Exceptions;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>
/// Makes events of a trace from what a running guest shows: entries into the kernel and returns from it, which the processor tells of; context switches and the
/// ends of tasks, at breakpoints; and the marks of the guest protocol. It keeps, for each task, what the task is in the middle of.
/// </summary>
internal sealed class KernelTracer : IPassageObserver
{
    private const int LastException = 31; // SDM 3A 6.2: vectors 0 to 31 are exceptions, but for the NMI

    private const string Entry = "asm_"; // arch/x86/include/asm/idtentry.h
    private const ulong StackSize = 16384; // THREAD_SIZE
    private const long MostDecimal = 1 << 24;

    private readonly GuestMachine _guest;
    private readonly SymbolTable _symbols;
    private readonly ITraceWriter _writer;
    private readonly KernelMemory _memory;
    private readonly SystemCallNames _calls;
    private readonly ResurrectionPhases _phases;
    private readonly Dictionary<ulong, TracedTask> _tasks = [];
    private readonly ulong _switch;
    private readonly ulong _death;
    private TaskLayout? _layout;
    private TracedTask _current = new(0);

    /// <exception cref="OtherworldException">The symbols lack what is needed to see tasks.</exception>
    public KernelTracer(GuestMachine guest, SymbolTable symbols, ITraceWriter writer)
    {
        _guest = guest;
        _symbols = symbols;
        _writer = writer;
        _memory = new KernelMemory(guest.Machine.Memory, guest.Processor);
        _calls = new SystemCallNames(_memory, symbols);
        _phases = new ResurrectionPhases(writer);
        _switch = symbols.AddressOf("__switch_to");
        symbols.TryAddressOf("do_task_dead", out _death);
    }

    /// <summary>What was seen so far.</summary>
    public TraceCounts Counts { get; } = new();

    /// <summary>Where the processor is to stop.</summary>
    public IReadOnlyCollection<ulong> Places => _death == 0 ? [_switch] : [_switch, _death];

    private ref CpuState State => ref _guest.Processor.State;

    /// <summary>Before the first instruction: finds who runs, where that can be told.</summary>
    public void Start()
    {
        if (new CurrentTask(_guest, _memory, _symbols).Find() is { } task)
            _current = TaskAt(task);
    }

    /// <summary>The processor has stopped at one of <see cref="Places"/>.</summary>
    public void Reached()
    {
        Span<ulong> registers = State.Registers();
        if (State.Rip == _switch)
            Switch(registers[(int)GeneralRegister.Rdi], registers[(int)GeneralRegister.Rsi]);
        else if (State.Rip == _death)
            Exit();
    }

    /// <inheritdoc/>
    public void Passed(in Passage passage)
    {
        Moment when = At(passage.Tick);
        switch (passage.Kind)
        {
            case PassageKind.SystemCall:
                CallSystem(passage, when);
                break;
            case PassageKind.Delivery:
                Deliver(passage, when);
                break;
            default:
                Return(passage, when);
                break;
        }
    }

    /// <summary>A line on the debug console.</summary>
    public void Marked(string line)
    {
        if (GuestMark.ReadAll(line) is not [{ } mark])
            return;
        Moment when = At(_guest.Machine.Clock.Now);
        Counts.Marks++;
        string detail = line[(line.IndexOf(mark.Name, StringComparison.Ordinal) + mark.Name.Length)..].Trim();
        _writer.Point(TraceCategory.Mark, _current.Name, mark.Name, detail, when);
        if (mark.Name == "resurrected")
            Resurrect(mark, detail, when);
        _phases.Reach(mark.Name, when);
        if (mark.Name == ResurrectionPhases.Jump)
            StartAgain(when);
    }

    /// <summary>A line on the guest's console.</summary>
    public void Said(string line)
    {
        int at = line.IndexOf(Runs.ReplayTarget.PanicText, StringComparison.Ordinal);
        if (at < 0)
            return;
        Counts.Marks++;
        _writer.Point(TraceCategory.Mark, _current.Name, "kernel-panic", line[at..], At(_guest.Machine.Clock.Now));
    }

    /// <summary>The run is over: what is open ends with it.</summary>
    public void Finish(Moment when)
    {
        EndAll("the trace ends", when);
        _writer.Finish(when);
    }

    private Moment At(ulong tick) => new(_guest.Processor.InstructionCountAt(tick), tick);

    private TracedTask TaskAt(ulong address)
    {
        if (!_tasks.TryGetValue(address, out TracedTask? task))
            _tasks[address] = task = new TracedTask(address);
        _layout ??= TaskLayout.Find(_memory, _symbols);
        task.Name = _layout.Read(_memory, address);
        return task;
    }

    private void Switch(ulong from, ulong to)
    {
        Moment when = At(_guest.Machine.Clock.Now);
        Counts.Switches++;
        TracedTask previous = TaskAt(from);
        if (_current != previous)
            MoveTo(previous);
        TracedTask next = TaskAt(to);
        _writer.Switch(previous.Name, next.Name, when);
        _current = next;
    }

    /// <summary>What happened before anybody knew who ran belongs to the task that turns out to have run.</summary>
    private void MoveTo(TracedTask task)
    {
        task.Open.InsertRange(0, _current.Open);
        _current.Open.Clear();
    }

    private void Exit()
    {
        Moment when = At(_guest.Machine.Clock.Now);
        Counts.Exits++;
        while (_current.Open.Count > 0)
            End(_current, "never returns", when);
        _writer.Point(TraceCategory.Exit, _current.Name, "exit", "", when);
    }

    private void CallSystem(in Passage passage, Moment when)
    {
        if (_current.Address != 0)
            TaskAt(_current.Address); // execve and prctl change names
        while (_current.Open.Count > 0)
            End(_current, "", when);
        Counts.SystemCalls++;
        Span<ulong> registers = State.Registers();
        string arguments = string.Create(
            CultureInfo.InvariantCulture, $"0x{registers[(int)GeneralRegister.Rdi]:x}, 0x{registers[(int)GeneralRegister.Rsi]:x}, 0x{registers[(int)GeneralRegister.Rdx]:x}");
        Begin(TraceCategory.SystemCall, _calls.Of(registers[(int)GeneralRegister.Rax]), arguments, when, passage);
    }

    private void Deliver(in Passage passage, Moment when)
    {
        bool isException = passage.Vector <= LastException && passage.Vector != (byte)Vector.Nmi;
        if (isException)
            Counts.Exceptions++;
        else
            Counts.Interrupts++;
        string detail = passage.Vector == (byte)Vector.Pf
            ? string.Create(CultureInfo.InvariantCulture, $"0x{State.Cr2:x}, error {passage.ErrorCode:x}, at 0x{passage.From:x}")
            : string.Create(CultureInfo.InvariantCulture, $"at 0x{passage.From:x}");
        Begin(isException ? TraceCategory.Exception : TraceCategory.Interrupt, HandlerName(passage), detail, when, passage);
    }

    private void Begin(TraceCategory category, string name, string detail, Moment when, in Passage passage)
    {
        TraceSlice slice = new(category, _current.Name, name, detail, when);
        _current.Open.Add(new OpenSlice(slice, passage.Frame, passage.From));
        _writer.Begin(slice);
    }

    /// <summary>A return to user mode ends all that its task was in. One into the kernel ends a handler, if it is its own: kernels also return to themselves, to serialise.</summary>
    private void Return(in Passage passage, Moment when)
    {
        List<OpenSlice> open = _current.Open;
        if (State.Cpl == 3)
        {
            while (open.Count > 0)
                End(_current, open.Count == 1 ? Result(open[0], passage) : "", when);
        }
        else if (open.Count > 0 && IsReturnOf(open[^1], passage))
        {
            End(_current, "", when);
        }
    }

    /// <summary>A handler may change where it returns to, or the place of its frame, but then leaves its part of the stack.</summary>
    private bool IsReturnOf(in OpenSlice open, in Passage passage)
    {
        ulong above = State.Registers()[(int)GeneralRegister.Rsp] - open.Frame;
        return open.Frame != 0 && (open.Frame == passage.Frame || open.ReturnTo == passage.To || above < StackSize);
    }

    private string Result(in OpenSlice open, in Passage passage)
    {
        if (open.Slice.Category != TraceCategory.SystemCall)
            return "";
        const ulong instruction = 2; // bytes of SYSCALL
        if (passage.To == open.ReturnTo - instruction)
            return "restarts";
        long value = (long)State.Registers()[(int)GeneralRegister.Rax];
        if (passage.To != open.ReturnTo)
            return "returns elsewhere"; // a new program, or the handler of a signal
        return value is > -4096 and < MostDecimal ? string.Create(CultureInfo.InvariantCulture, $"= {value}") : string.Create(CultureInfo.InvariantCulture, $"= 0x{value:x}");
    }

    private void End(TracedTask task, string detail, Moment when)
    {
        TraceSlice slice = task.Open[^1].Slice;
        task.Open.RemoveAt(task.Open.Count - 1);
        _writer.End(slice, detail, when);
    }

    private void EndAll(string detail, Moment when)
    {
        foreach (TracedTask task in _tasks.Values.Append(_current))
        {
            while (task.Open.Count > 0)
                End(task, detail, when);
        }
    }

    /// <summary>A process stands at the gate: it has come back since its task asked to become it.</summary>
    private void Resurrect(GuestMark mark, string detail, Moment when)
    {
        Counts.Resurrections++;
        Moment start = _current.Open.Count > 0 ? _current.Open[0].Slice.Start : when;
        string comm = mark.Values.GetValueOrDefault("comm", "?");
        int pid = int.TryParse(mark.Values.GetValueOrDefault("pid"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        _writer.Span(new TraceSlice(TraceCategory.Resurrection, new TaskName(pid, pid, comm), "resurrection", detail, start), when);
    }

    /// <summary>The next kernel runs from here: it has no tasks yet.</summary>
    private void StartAgain(Moment when)
    {
        EndAll("the kernel is dead", when);
        _tasks.Clear();
        _writer.Switch(_current.Name, TaskName.Idle, when);
        _current = new TracedTask(0);
    }

    /// <summary>As the kernel calls the handler, without what all of them begin with; the number where there is no such name.</summary>
    private string HandlerName(in Passage passage)
    {
        if (!_symbols.TryFind(passage.To, out Symbol symbol) || symbol.Address != passage.To || !symbol.Name.StartsWith(Entry, StringComparison.Ordinal))
            return string.Create(CultureInfo.InvariantCulture, $"vector_0x{passage.Vector:x2}");
        string name = symbol.Name[Entry.Length..];
        foreach (string kind in (string[])["sysvec_", "exc_"])
            name = name.StartsWith(kind, StringComparison.Ordinal) ? name[kind.Length..] : name;
        return name;
    }
}
