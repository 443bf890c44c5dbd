using Emu.Core;
using Emu.Core.Machine;
using Emu.X86.Exceptions;
using Emu.X86.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tracing;

namespace Otherworld.Guest.Campaigns;

/// <summary>
/// The run without a fault: which of its instructions were the kernel's, and which of these it executed for the application inside a system call. Whose a kernel
/// instruction is, is told by the context switches; whether a task is in a system call, by how it entered the kernel and how it left it.
/// </summary>
public sealed class CallProfile : IPassageObserver
{
    private readonly GuestConsole _console;
    private readonly KernelMemory _memory;
    private readonly TaskLayout _layout;
    private readonly string _comm;
    private readonly Dictionary<ulong, ProfiledTask> _tasks = [];
    private readonly HashSet<int> _processes = [];
    private readonly List<(ulong Start, ulong End)> _calls = [];
    private ProfiledTask? _current;
    private ulong? _entered;

    private CallProfile(GuestConsole console, SymbolTable symbols, string comm)
    {
        _console = console;
        _memory = new KernelMemory(console.Guest.Machine.Memory, console.Guest.Processor);
        _layout = TaskLayout.Find(_memory, symbols);
        _comm = comm;
        if (console.Guest.Processor.Cpl == 0)
            _entered = console.Now.Icount;
        if (new CurrentTask(console.Guest, _memory, symbols).Find() is { } task)
            _current = TaskAt(task, console.Now.Icount);
    }

    /// <summary>Boundaries at which the next instruction is the kernel's.</summary>
    public InstructionSpans Kernel { get; } = new();

    /// <summary>Those of them at which a task of the application is in a system call and has the processor.</summary>
    public InstructionSpans Calls { get; } = new();

    /// <summary>Runs a guest through its window and tells.</summary>
    /// <param name="console">The guest in its warm state; it is changed.</param>
    /// <param name="symbols">Its kernel's.</param>
    /// <param name="app">The application.</param>
    /// <exception cref="OtherworldException">The guest stopped: it does not survive its own load.</exception>
    public static CallProfile Take(GuestConsole console, SymbolTable symbols, ICampaignApp app)
    {
        ulong place = symbols.AddressOf("__switch_to");
        ulong end = console.Now.Icount + app.Window;
        CallProfile profile = new(console, symbols, app.Comm);
        Workload workload = new(console, app.Keys);
        console.Guest.Processor.Observer = profile;
        console.SetBreakpoint(place, enabled: true);
        try
        {
            RunResult result;
            while ((result = workload.RunToIcount(end)).Reason == StopReason.Breakpoint)
                profile.Switch();
            if (result.Reason != StopReason.Limit)
                throw new OtherworldException($"{app.Name}: the guest stopped ({result.Reason}) without any fault, under its own load.", 1);
        }
        finally
        {
            console.SetBreakpoint(place, enabled: false);
            console.Guest.Processor.Observer = null;
        }

        profile.Finish(end);
        return profile;
    }

    /// <inheritdoc/>
    public void Passed(in Passage passage)
    {
        ulong icount = _console.Guest.Processor.InstructionCountAt(passage.Tick);
        if (passage.Kind is PassageKind.SystemCall or PassageKind.Delivery)
            Enter(passage.Kind == PassageKind.SystemCall, icount);
        else if (_console.Guest.Processor.Cpl == 3)
            Leave(passage.Kind == PassageKind.SystemReturn, icount);
    }

    private void Enter(bool isCall, ulong icount)
    {
        if (_entered is not null)
            return;
        // Delivery takes no instruction: at this very count the machine may still stand before it.
        _entered = isCall ? icount : icount + 1;
        if (_current is null)
            return;
        _current.InCall = isCall;
        _current.Since = _entered.Value;
    }

    private void Leave(bool byReturn, ulong icount)
    {
        if (_entered is { } entered)
            Kernel.Add(entered, icount);
        _entered = null;
        if (_current is null)
            return;
        _current.Parts.Add((_current.Since, icount));
        // Who was in the kernel when the profile began was in a system call if it left by the instruction for that.
        if (_current.IsOurs && (_current.InCall ?? byReturn))
            _calls.AddRange(_current.Parts);
        _current.Parts.Clear();
        _current.InCall = false;
    }

    private void Switch()
    {
        ulong icount = _console.Now.Icount;
        _current?.Parts.Add((_current.Since, icount));
        _current = TaskAt(_console.Guest.Processor.State.Registers()[(int)GeneralRegister.Rsi], icount);
    }

    private ProfiledTask TaskAt(ulong address, ulong icount)
    {
        TaskName name = _layout.Read(_memory, address);
        if (name.Comm == _comm)
            _processes.Add(name.Tgid);
        if (!_tasks.TryGetValue(address, out ProfiledTask? task) || task.Pid != name.Pid)
            _tasks[address] = task = new ProfiledTask(name.Pid);
        task.IsOurs = _processes.Contains(name.Tgid);
        task.Since = icount;
        return task;
    }

    private void Finish(ulong end)
    {
        if (_entered is { } entered)
            Kernel.Add(entered, end);
        foreach (ProfiledTask task in _tasks.Values.Where(task => task is { IsOurs: true, InCall: true }))
            _calls.AddRange(task.Parts);
        ulong behind = 0;
        foreach ((ulong start, ulong stop) in _calls.Order())
        {
            Calls.Add(Math.Max(start, behind), stop);
            behind = Math.Max(behind, stop);
        }
    }
}
