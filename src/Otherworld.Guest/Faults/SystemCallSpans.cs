using Emu.Core.Machine;
using Emu.X86.Exceptions;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tracing;

namespace Otherworld.Guest.Faults;

/// <summary>
/// When an application's processes are inside system calls: from each SYSCALL of theirs to the next return to user mode of anybody, interrupts in between
/// included. The points of a sweep are counted in these instructions alone.
/// </summary>
public sealed class SystemCallSpans : IPassageObserver
{
    private readonly GuestMachine _guest;
    private readonly KernelMemory _memory;
    private readonly CurrentTask _current;
    private readonly TaskLayout _layout;
    private readonly string[] _commands;
    private readonly List<IcountSpan> _spans = [];
    private ulong? _entered;

    private SystemCallSpans(GuestMachine guest, SymbolTable symbols, IEnumerable<string> commands)
    {
        _guest = guest;
        _memory = new KernelMemory(guest.Machine.Memory, guest.Processor);
        _current = new CurrentTask(guest, _memory, symbols);
        _layout = TaskLayout.Find(_memory, symbols);
        _commands = [.. commands];
    }

    /// <summary>Runs the guest on and notes when the application is inside system calls.</summary>
    /// <param name="host">Stands where the experiments start, and somewhere later afterwards.</param>
    /// <param name="symbols">Of its kernel.</param>
    /// <param name="commands">Command names of the application's tasks.</param>
    /// <param name="window">Instructions to look at.</param>
    /// <returns>In the order of the run.</returns>
    public static IReadOnlyList<IcountSpan> Record(IFaultHost host, SymbolTable symbols, IEnumerable<string> commands, ulong window)
    {
        SystemCallSpans spans = new(host.Guest, symbols, commands);
        ulong end = host.Guest.Processor.InstructionCount + window;
        host.Guest.Processor.Observer = spans;
        while (host.Guest.Processor.InstructionCount < end)
        {
            if (host.Run(host.Guest.Machine.Clock.Now + (end - host.Guest.Processor.InstructionCount)).Reason != StopReason.Limit)
                break;
        }

        host.Guest.Processor.Observer = null;
        return spans._spans;
    }

    /// <summary>Instructions in all of them: so many points a sweep over every instruction has.</summary>
    public static ulong Count(IReadOnlyList<IcountSpan> spans) => spans.Aggregate(0UL, (sum, span) => sum + (span.End - span.First));

    /// <summary>Instruction count before the k-th instruction inside them, from 0.</summary>
    public static ulong At(IReadOnlyList<IcountSpan> spans, ulong k)
    {
        foreach (IcountSpan span in spans)
        {
            if (k < span.End - span.First)
                return span.First + k;
            k -= span.End - span.First;
        }

        throw new Emu.Core.InternalErrorException("a point behind the last system call");
    }

    /// <inheritdoc/>
    public void Passed(in Passage passage)
    {
        ulong icount = _guest.Processor.InstructionCountAt(passage.Tick);
        if (passage.Kind == PassageKind.SystemCall && IsOurs())
            _entered = icount;
        else if (_guest.Processor.Cpl == 3 && _entered is { } first)
        {
            _spans.Add(new IcountSpan(first, icount - 1)); // the return itself is too late
            _entered = null;
        }
    }

    private bool IsOurs() => _current.Find() is { } task && _commands.Contains(_layout.Read(_memory, task).Comm);
}
