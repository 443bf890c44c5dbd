using System.Globalization;
using Emu.X86.State;
using Iced.Intel;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Lockstep;

/// <summary>The instructions a machine runs around a tick, disassembled as it meets them, and those that lie behind.</summary>
internal sealed class InstructionListing
{
    private const ulong Before = 12;
    private const int After = 4;
    private const ulong MostInQuestion = 64;
    private const int LongestInstruction = 15;

    private readonly GuestMachine _guest;
    private readonly KernelMemory _memory;
    private readonly SymbolTable? _symbols;
    private readonly IntelFormatter _formatter = new();
    private readonly StringOutput _output = new();

    public InstructionListing(GuestMachine guest, SymbolTable? symbols)
    {
        _guest = guest;
        _symbols = symbols;
        _memory = new KernelMemory(guest.Machine.Memory, guest.Processor);
    }

    /// <summary>Runs the machine to <paramref name="end"/> and lists what it did; what it did from <paramref name="start"/> on is marked.</summary>
    public IReadOnlyList<string> Around(ulong start, ulong end)
    {
        List<string> lines = [];
        ulong now = _guest.Machine.Clock.Now;
        ulong first = Math.Max(start, end - Math.Min(end, MostInQuestion));
        _guest.Machine.Run(Math.Max(now, first - Math.Min(first, Before)));
        while (_guest.Machine.Clock.Now < end)
        {
            ulong tick = _guest.Machine.Clock.Now;
            string line = Line(_guest.Processor.State.Rip, tick >= start ? "=>" : "  ", out _);
            if (lines.Count == 0 || lines[^1] != line) // a repeated instruction is one line
                lines.Add(line);
            if (_guest.Machine.Run(tick + 1).Reason != Emu.Core.Machine.StopReason.Limit)
                break;
        }

        ulong rip = _guest.Processor.State.Rip;
        for (int i = 0; i < After; i++)
        {
            lines.Add(Line(rip, "  ", out int length));
            rip += (ulong)length;
        }

        return lines;
    }

    private string Line(ulong rip, string mark, out int length)
    {
        string place = _symbols is null ? "" : $" {_symbols.Describe(rip),-28}";
        Span<byte> bytes = stackalloc byte[LongestInstruction];
        bytes = bytes[..Read(Linear(rip), bytes)];
        if (bytes.IsEmpty)
        {
            length = 0;
            return string.Create(CultureInfo.InvariantCulture, $"{mark} {rip:x16}{place} (no memory)");
        }

        var decoder = Decoder.Create(_guest.Processor.CodeBitness, bytes.ToArray(), rip);
        Instruction instruction = decoder.Decode();
        length = instruction.Length;
        _formatter.Format(instruction, _output);
        return string.Create(CultureInfo.InvariantCulture, $"{mark} {rip:x16}{place} {Convert.ToHexStringLower(bytes[..length]),-20} {_output.ToStringAndReset()}");
    }

    private ulong Linear(ulong rip) => _guest.Processor.CodeBitness == 64 ? rip : (uint)(_guest.Processor.State.Segments[(int)SegmentIndex.Cs].Base + rip);

    /// <summary>Reads without a trace; stops where nothing is mapped.</summary>
    private int Read(ulong linear, Span<byte> bytes)
    {
        ref CpuState state = ref _guest.Processor.State;
        bool paged = (state.Cr0 & ControlBits.Cr0Pg) != 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            ulong physical = linear + (ulong)i;
            if ((paged && !_memory.TryTranslate(physical, out physical)) || !_guest.Machine.Memory.Read(physical, bytes.Slice(i, 1)))
                return i;
        }

        return bytes.Length;
    }
}
