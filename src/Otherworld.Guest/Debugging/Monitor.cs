using System.Globalization;
using System.Text;
using Emu.Core;
using Emu.Core.Machine;
using Emu.X86.Paging;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Debugging;

/// <summary>What people type after gdb's <c>monitor</c>.</summary>
internal sealed class Monitor
{
    private const string Moved = "gdb does not know that the guest has moved: type 'maintenance flush register-cache' (or 'flushregs')\n";

    private readonly DebugTarget _target;
    private readonly MonitorMemory _memory;
    private readonly (string Name, string Arguments, string Help, Func<string, Func<bool>, string> Run)[] _commands;

    public Monitor(DebugTarget target)
    {
        _target = target;
        _memory = new MonitorMemory(target);
        _commands =
        [
            ("help", "", "this list", (_, _) => Help()),
            ("when", "", "where the run stands", (_, _) => When()),
            ("icount", "", "the same", (_, _) => When()),
            ("goto", "ICOUNT", "go to where exactly so many instructions have retired, backwards or forwards", (text, _) => GoTo(text)),
            ("last-writer", "ADDRESS [LENGTH]", "which instruction wrote this memory last, by whatever address", LastWriter),
            ("why", "[N]", "the last control transfers before this point, N instructions back at most", (text, _) => Why(text)),
            ("view", "[live|dead|phys]", "through whose page tables memory is read: those in force, those of the kernel that died last, none", (text, _) => View(text)),
            ("info", "registers|checkpoints|devices|DEVICE", "all registers at once; what is kept to go back to; the parts of the machine; the state of one", (text, _) => Info(text)),
            ("x", "[/FORMAT] ADDRESS", "memory as words, as QEMU's monitor writes it: x /4xg 0xffffffff82000000", (text, _) => _memory.Examine(text, physical: false, Address)),
            ("xp", "[/FORMAT] ADDRESS", "the same by physical address", (text, _) => _memory.Examine(text, physical: true, Address)),
            ("gva2gpa", "ADDRESS", "where an address leads", (text, _) => Address(text) is { } address ? _memory.Translate(address) : "gva2gpa wants an address\n"),
        ];
    }

    /// <summary>Executes a line.</summary>
    /// <param name="line">The command and its arguments.</param>
    /// <param name="interrupted">Asked from time to time: give up.</param>
    /// <returns>What to print.</returns>
    public string Execute(string line, Func<bool> interrupted)
    {
        string[] words = line.Trim().Split(' ', 2, StringSplitOptions.TrimEntries);
        foreach ((string name, _, _, Func<string, Func<bool>, string> run) in _commands)
        {
            if (name == words[0])
                return run(words.Length > 1 ? words[1] : "", interrupted);
        }

        return $"'{words[0]}' is no monitor command. See: monitor help\n";
    }

    private string Help()
    {
        var text = new StringBuilder();
        foreach ((string name, string arguments, string help, _) in _commands)
            text.Append(CultureInfo.InvariantCulture, $"{(name + " " + arguments).TrimEnd(),-30} {help}\n");
        return text.ToString();
    }

    private string When() => string.Create(
        CultureInfo.InvariantCulture,
        $"icount {_target.Timeline.InstructionCount}, guest time {_target.Timeline.Tick / 1e9:0.000000000} s, rip {_target.Describe(_target.Guest.Processor.State.Rip)}\n");

    private string GoTo(string text)
    {
        if (!TryCount(text, out ulong count))
            return "goto wants an instruction count: monitor goto 12_000_000\n";
        if (count < _target.Timeline.InstructionCount && (!_target.Timeline.CanGoBack || count < _target.Timeline.First))
            return _target.Timeline.CanGoBack ? $"nothing is known before icount {_target.Timeline.First}\n" : "this run only goes forwards\n";
        RunResult result = _target.Timeline.GoTo(count);
        return Shortfall(result) + When() + Moved;
    }

    private string Shortfall(RunResult result) => result.Reason switch
    {
        StopReason.Limit => "",
        StopReason.Breakpoint when _target.Points.IsAtOwn => "the experiment looks at this place itself: goto again for the rest\n",
        _ => $"the run ends before that: {result.Reason}\n",
    };

    private string LastWriter(string text, Func<bool> interrupted)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int length = 8;
        if (words.Length is 0 or > 2 || !TryAddress(words[0], out ulong address)
            || (words.Length == 2 && (!int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length is < 1 or > 4096)))
        {
            return "last-writer wants an address (0xffffffff82000000, or a symbol) and perhaps a length from 1 to 4096\n";
        }

        if (_target.Watch(address, length, WatchKinds.Write) is not { } watch)
            return $"there is no RAM at 0x{address:x}\n";
        return _target.Timeline.LastWriter(watch, interrupted) is not { } writer
            ? $"nothing has written to {_target.Describe(address)} since icount {_target.Timeline.First}, as far as is known\n"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{_target.Describe(address)} was written last by the instruction at {_target.Describe(writer.Rip)}\n  after icount {writer.InstructionCount} (monitor goto {writer.InstructionCount} stands before it), guest time {writer.Tick / 1e9:0.000000000} s\n");
    }

    private string Why(string text)
    {
        ulong instructions = 20_000;
        if (text.Length != 0 && (!TryCount(text, out instructions) || instructions > 10_000_000))
            return "why wants a number of instructions up to 10_000_000\n";
        if (!_target.Timeline.CanGoBack)
            return "this run only goes forwards\n";
        var lines = new StringBuilder();
        foreach (ControlTransfer transfer in _target.Timeline.TransfersBefore(instructions))
            lines.Append(CultureInfo.InvariantCulture, $"{transfer.InstructionCount,14}  {_target.Describe(transfer.From)} -> {_target.Describe(transfer.To)}{(transfer.IsEvent ? "  (exception or interrupt)" : "")}\n");
        return lines.Length == 0 ? "no control transfer is known before this point\n" : lines + When();
    }

    private string View(string text)
    {
        MemoryView? wanted = text switch
        {
            "" => _target.View,
            "live" => MemoryView.Live,
            "dead" => MemoryView.Dead,
            "phys" => MemoryView.Physical,
            _ => null,
        };
        if (wanted is not { } view)
            return "view is one of live, dead, phys\n";
        DeathRecord? dead = view == MemoryView.Dead ? KernelFinder.LastDeath(new MachineMemory(_target.Memory)) : null;
        if (view == MemoryView.Dead && dead is null)
            return "no kernel of ours has died in this machine: there is no crash record in its memory\n";
        _target.View = view;
        return view switch
        {
            MemoryView.Dead => $"dead: generation {dead!.Generation}, page tables at 0x{dead.Registers.Cr3:x}\n",
            MemoryView.Physical => "phys: addresses are physical\n",
            _ => "live: the page tables in force\n",
        };
    }

    private string Info(string text) => text switch
    {
        "registers" => RegisterDump.Of(_target.Guest.Processor, _target.Symbols),
        "checkpoints" => string.Create(CultureInfo.InvariantCulture, $"{_target.Timeline.Checkpoints.Count} checkpoints, {_target.Timeline.Checkpoints.Bytes >> 20} MiB\n"),
        "devices" => _memory.Devices(),
        _ => _memory.Device(text) ?? $"info is about registers, checkpoints, devices, or one of these: {_memory.Devices()}",
    };

    private ulong? Address(string text) => TryAddress(text, out ulong address) ? address : null;

    private bool TryAddress(string text, out ulong address)
    {
        address = 0;
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? Hex.TryNumber(text.AsSpan(2), out address)
            : _target.Symbols?.TryAddressOf(text, out address) == true;
    }

    private static bool TryCount(string text, out ulong count)
    {
        count = 0;
        try
        {
            RunLimit limit = Quantity.ParseLimit(text);
            count = limit.Value;
            return !limit.IsTime;
        }
        catch (OtherworldException)
        {
            return false;
        }
    }
}
