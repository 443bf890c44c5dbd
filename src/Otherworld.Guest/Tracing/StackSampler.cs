using System.Globalization;
using System.Text;
using Emu.Core.Machine;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>Looks every so many instructions where a guest is, and counts equal stacks: what a flame graph is drawn from.</summary>
internal sealed class StackSampler : IRunProbe
{
    private readonly GuestMachine _guest;
    private readonly SymbolTable _symbols;
    private readonly KernelMemory _memory;
    private readonly KernelStack _stack;
    private readonly CurrentTask _current;
    private readonly ulong _interval;
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _names = [];
    private TaskLayout? _layout;

    /// <param name="guest">The guest.</param>
    /// <param name="symbols">Its kernel's.</param>
    /// <param name="interval">Instructions between two looks.</param>
    public StackSampler(GuestMachine guest, SymbolTable symbols, ulong interval)
    {
        _guest = guest;
        _symbols = symbols;
        _interval = interval;
        _memory = new KernelMemory(guest.Machine.Memory, guest.Processor);
        _stack = new KernelStack(_memory, symbols);
        _current = new CurrentTask(guest, _memory, symbols);
        NextInstruction = guest.Processor.InstructionCount + interval;
    }

    /// <summary>Times it has looked.</summary>
    public int Samples { get; private set; }

    /// <inheritdoc/>
    public ulong NextInstruction { get; private set; }

    /// <inheritdoc/>
    public void Reach()
    {
        Take();
        NextInstruction += _interval;
    }

    /// <summary>Writes what flame graph tools read: a stack, the outermost first, and how often it was there.</summary>
    public void Write(TextWriter output)
    {
        foreach ((string stack, int count) in _counts)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stack} {count}"));
        output.Flush();
    }

    private void Take()
    {
        Samples++;
        ref CpuState state = ref _guest.Processor.State;
        StringBuilder text = new(Task());
        if (state.Cpl == 3)
        {
            text.Append(";[user]");
        }
        else
        {
            Span<ulong> registers = state.Registers();
            IReadOnlyList<ulong> stack = _stack.From(state.Rip, registers[(int)GeneralRegister.Rsp], registers[(int)GeneralRegister.Rbp]);
            for (int i = stack.Count - 1; i >= 0; i--)
                text.Append(';').Append(Name(stack[i]));
        }

        string key = text.ToString();
        _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    private string Name(ulong address)
    {
        if (!_names.TryGetValue(address, out string? name))
            _names[address] = name = _symbols.TryFind(address, out Symbol symbol) ? symbol.Name : "[unknown]";
        return name;
    }

    /// <summary>Who runs; before the kernel has tasks, nobody.</summary>
    private string Task()
    {
        if (_current.Find() is not { } task)
            return "[boot]";
        _layout ??= TaskLayout.Find(_memory, _symbols);
        return _layout.Read(_memory, task).Comm;
    }
}
