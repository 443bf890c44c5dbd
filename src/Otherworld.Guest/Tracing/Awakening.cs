using Emu.X86.Exceptions;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>Notes when processes come to user mode, from when it is put into place. Made while a kernel runs that has come to user mode.</summary>
internal sealed class Awakening : IPassageObserver
{
    private readonly GuestMachine _guest;
    private readonly KernelMemory _memory;
    private readonly CurrentTask _current;
    private readonly TaskLayout _layout;
    private readonly List<(int Pid, Moment When)> _entries = [];

    /// <param name="guest">The guest.</param>
    /// <param name="symbols">Its kernel's, and those of the kernel after it.</param>
    public Awakening(GuestMachine guest, SymbolTable symbols)
    {
        _guest = guest;
        _memory = new KernelMemory(guest.Machine.Memory, guest.Processor);
        _current = new CurrentTask(guest, _memory, symbols);
        _layout = TaskLayout.Find(_memory, symbols);
    }

    /// <summary>The first instruction of any process; null as long as there was none.</summary>
    public Moment? First => _entries.Count == 0 ? null : _entries[0].When;

    /// <summary>The first instruction of one of these processes behind a moment, in any thread. Before the gate opens, what runs under their numbers is what makes them.</summary>
    public Moment? FirstOf(IEnumerable<int> pids, Moment after)
    {
        HashSet<int> own = [.. pids];
        int entry = _entries.FindIndex(entry => entry.When.Icount > after.Icount && own.Contains(entry.Pid));
        return entry < 0 ? null : _entries[entry].When;
    }

    /// <inheritdoc/>
    public void Passed(in Passage passage)
    {
        if (_guest.Processor.Cpl == 3)
            _entries.Add((_current.Find() is { } task ? _layout.Read(_memory, task).Tgid : 0, new Moment(_guest.Processor.InstructionCountAt(passage.Tick), passage.Tick)));
    }
}
