using System.Globalization;
using System.Text;
using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Tracing;

namespace Otherworld.Guest.Exploring;

/// <summary>Notes what goes on the timeline while a run is replayed: the guest's marks, and what came from outside.</summary>
/// <param name="machine">The machine.</param>
/// <param name="processor">Its processor.</param>
internal sealed class EventLog(PcMachine machine, X86Processor processor) : IInputJournal
{
    private const int LongestText = 40;

    private readonly PcMachine _machine = machine;
    private readonly X86Processor _processor = processor;
    private readonly IInputJournal? _next = machine.Journal;
    private readonly List<RunEvent> _events = [];

    /// <summary>In the order of the run.</summary>
    public IReadOnlyList<RunEvent> Events => _events;

    /// <summary>Instructions retired, also while the machine runs.</summary>
    public ulong Icount => _processor.InstructionCountAt(_machine.Clock.Now);

    /// <summary>A line on the debug console. Where a kernel dies or its processes live again, the machine stops, so that somebody can look.</summary>
    public void Marked(string line)
    {
        if (GuestMark.ReadAll(line) is not [{ } mark])
            return;
        RunEventKind kind = mark.Name switch
        {
            ResurrectionPhases.First => RunEventKind.Death,
            ResurrectionPhases.Last => RunEventKind.Gate,
            _ => RunEventKind.Mark,
        };
        Add(kind, mark.Name, line[(line.IndexOf(mark.Name, StringComparison.Ordinal) + mark.Name.Length)..].Trim());
        if (kind != RunEventKind.Mark)
            _machine.Stop.Request(StopReason.Text);
    }

    /// <inheritdoc/>
    public void Record(in InputEvent input, bool settled)
    {
        _next?.Record(input, settled);
        if (input.Source <= InputSource.Serial3)
            Type(input);
        else if (input.Source == InputSource.Memory && MemoryPatch.TryParse(input.Bytes, out MemoryPatch patch))
            Add(RunEventKind.Fault, "memory", string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(patch.Bytes.Span)} to 0x{patch.Physical:x}"));
        else if (input.Source == InputSource.Register && RegisterPatch.TryParse(input.Bytes, out RegisterPatch register))
            Add(RunEventKind.Fault, "register", string.Create(CultureInfo.InvariantCulture, $"0x{register.Value:x} to {Inspection.RegisterNames.Of(register.Number)}"));
        else
            Add(RunEventKind.Input, input.Source.ToString(), string.Create(CultureInfo.InvariantCulture, $"{input.Bytes.Length} bytes"));
    }

    /// <summary>Letters of one line that come one after the other are one event.</summary>
    private void Type(in InputEvent input)
    {
        string name = $"ttyS{(int)input.Source}";
        string text = Visible(input.Bytes.Span);
        if (_events.Count > 0 && _events[^1] is { Kind: RunEventKind.Typed } last && last.Name == name && last.Detail.Length + text.Length <= LongestText)
            _events[^1] = last with { Detail = last.Detail + text };
        else
            Add(RunEventKind.Typed, name, text);
    }

    private void Add(RunEventKind kind, string name, string detail) => _events.Add(new RunEvent(kind, name, detail, Icount, _machine.Clock.Now));

    private static string Visible(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (byte letter in bytes[..Math.Min(bytes.Length, LongestText)])
        {
            _ = letter switch
            {
                (byte)'\r' or (byte)'\n' => text.Append('⏎'),
                0x1B => text.Append('⎋'),
                < 0x20 => text.Append('^').Append((char)(letter + 0x40)),
                < 0x7F => text.Append((char)letter),
                _ => text.Append('·'),
            };
        }

        return text.ToString();
    }
}
