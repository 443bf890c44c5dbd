using System.Globalization;
using System.Text;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>
/// Who called whom, by frame pointers (CONFIG_UNWINDER_FRAME_POINTER), through interrupts and exceptions and from stack to stack down to user mode, as the kernel's own
/// "Call Trace" prints it. A dying kernel's trace begins where it broke, not in the code that leaves it.
/// </summary>
/// <param name="kernel">Whose stacks.</param>
/// <param name="symbols">Of the kernel.</param>
public sealed class StackTrace(KernelInstance kernel, SymbolTable symbols)
{
    private const int StacksAtMost = 8; // task, hard and soft interrupt, four of the IST, the crash path
    private const string CrashEntry = "ow_crash_run";
    private const ulong CauseRegisters = 8; // struct ow_cause (images/kernel/otherworld/crash.c): regs
    private const int RegistersSize = 168; // struct pt_regs

    private readonly KernelInstance _kernel = kernel;
    private readonly SymbolTable _symbols = symbols;
    private readonly KernelStacks _stacks = new(kernel, symbols);
    private readonly FrameChain _frames = new(kernel, symbols);
    private readonly UnlinkedFrame _unlinked = new(kernel, symbols);
    private readonly StringBuilder _text = new();

    /// <summary>The trace from where a processor stands. What leads nowhere ends it with a line that says so; nothing is followed twice.</summary>
    public string Of(CrashRegisters registers)
    {
        _text.Clear();
        if (Cause(registers) is { } broke)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{_symbols.Locate(registers.Rip)}: the kernel dies here\n");
            registers = broke;
        }

        Place(registers);
        if (!IsUser(registers))
        {
            _text.Append("Call Trace:\n");
            Walk(registers);
        }

        return _text.ToString();
    }

    /// <summary>On its way out a kernel of ours stands on a stack of its own; where it broke is what this function is told, and then what it has written down.</summary>
    private CrashRegisters? Cause(CrashRegisters registers)
    {
        if (_symbols.TryAddressOf(CrashEntry, out ulong entry) && registers.Rip == entry && _kernel.TryRead(registers.General[7] + CauseRegisters, out ulong saved))
            return Saved(saved);
        return _stacks.NameOf(registers.Rsp) == KernelStacks.Crash && Record() is { Kind: not 0 } record ? record.Registers : null;
    }

    private DeathRecord? Record()
    {
        byte[] record = new byte[DeathRecord.Length];
        return _symbols.TryAddressOf("ow_record", out ulong address) && _kernel.TryRead(address, record) ? DeathRecord.Parse(record) : null;
    }

    private void Walk(CrashRegisters registers)
    {
        string stack = _stacks.NameOf(registers.Rsp);
        int stacks = 1;
        _text.Append(CultureInfo.InvariantCulture, $" <{stack}>\n");
        Unlinked(registers);
        foreach (FrameLink link in _frames.From(registers.Rbp))
        {
            string name = _stacks.NameOf(link.At);
            if (name != stack)
            {
                _text.Append(CultureInfo.InvariantCulture, $" </{stack}>\n <{name}>\n");
                stack = name;
                stacks++;
            }

            if ((stacks > StacksAtMost ? FrameKind.Circle : link.Kind) switch
            {
                FrameKind.Circle => "leads in a circle, or is too long",
                FrameKind.Unreadable => "cannot be read",
                FrameKind.NoFrame => "is no frame",
                _ => null,
            } is { } end)
            {
                _text.Append(CultureInfo.InvariantCulture, $"the chain of frames ends here: {link.At:x16} {end}\n");
                return;
            }

            if (link.Kind == FrameKind.Call)
                _text.Append(CultureInfo.InvariantCulture, $" {_symbols.LocateReturn(link.Rip)}\n");
            else if (Saved(link.At) is { } interrupted)
                Interrupted(interrupted);
        }

        _text.Append(CultureInfo.InvariantCulture, $" </{stack}>\n");
    }

    private void Interrupted(CrashRegisters registers)
    {
        Place(registers);
        if (!IsUser(registers))
            Unlinked(registers);
    }

    /// <summary>The caller of a function whose frame is not linked.</summary>
    private void Unlinked(CrashRegisters registers)
    {
        if (_unlinked.CallerSlot(registers.Rip, registers.Rsp) is { } slot && _kernel.TryRead(slot, out ulong caller) && _frames.IsText(caller))
            _text.Append(CultureInfo.InvariantCulture, $" {_symbols.Locate(caller)}\n");
    }

    private void Place(CrashRegisters registers)
    {
        string place = IsUser(registers) ? "0x" + registers.Rip.ToString("x", CultureInfo.InvariantCulture) : _symbols.Locate(registers.Rip);
        _text.Append(CultureInfo.InvariantCulture, $"RIP: {registers.Selectors[0]:x4}:{place}\nRSP: {registers.Selectors[1]:x4}:{registers.Rsp:x16} EFLAGS: {registers.Rflags:x8}\n");
    }

    private CrashRegisters? Saved(ulong address)
    {
        byte[] registers = new byte[RegistersSize];
        return _kernel.TryRead(address, registers) ? CrashRegisters.OfExceptionFrame(registers) : null;
    }

    private static bool IsUser(CrashRegisters registers) => (registers.Selectors[0] & 3) != 0;
}
