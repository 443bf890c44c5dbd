using System.Globalization;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.Core.Time;

namespace Emu.Core.Replay;

/// <summary>Runs a machine as a journal says: gives it the inputs at their ticks and compares it with what was written down.</summary>
public sealed class RunReplayer : IRunSource, IDisposable
{
    private readonly PcMachine _machine;
    private readonly JournalReader _journal;
    private readonly StateSampler _sampler;
    private readonly CheckCodec _codec;
    private JournalRecord? _next;
    private ulong _lastEqualTick;

    /// <param name="machine">Stands where the recording began.</param>
    /// <param name="journal">At its first record; disposed with the replayer.</param>
    public RunReplayer(PcMachine machine, JournalReader journal)
    {
        _machine = machine;
        _journal = journal;
        _sampler = new StateSampler(machine);
        _codec = new CheckCodec(_sampler.PartsLength);
        _lastEqualTick = machine.Clock.Now;
        ReadNext();
    }

    /// <summary>The journal has been replayed to its end.</summary>
    public bool AtEnd => _next is null;

    /// <inheritdoc/>
    public ulong NextTick => _next?.Tick ?? EventQueue.Never;

    /// <summary>The recorder wrote the end; otherwise it was killed, and the journal simply stops.</summary>
    public bool Complete { get; private set; }

    /// <summary>Hashes compared so far.</summary>
    public int Checked { get; private set; }

    /// <summary>Inputs given to the machine so far.</summary>
    public int Inputs { get; private set; }

    /// <summary>The first difference; null while there is none.</summary>
    public Divergence? Divergence { get; private set; }

    /// <summary>Replays to a tick, to the end of the journal (<see cref="AtEnd"/>), to the first difference, or until something happens in the machine.</summary>
    /// <returns><see cref="StopReason.Limit"/> at the tick; <see cref="StopReason.None"/> at the end and at a difference; otherwise what happened.</returns>
    /// <exception cref="OtherworldException">The journal is damaged.</exception>
    public RunResult Run(ulong limit)
    {
        while (_next is { } record && Divergence is null)
        {
            if (record.Kind == JournalRecordKind.Input)
            {
                Give(record); // waits in the machine, so that it comes before the events of its tick
                continue;
            }

            if (record.Tick > limit)
                return _machine.Run(limit);
            RunResult result = _machine.Run(record.Tick);
            bool endsByItself = record.Kind == JournalRecordKind.End && _machine.Clock.Now == record.Tick;
            if (result.Reason == StopReason.Limit || endsByItself)
                Take(record);
            if (result.Reason != StopReason.Limit)
                return result;
        }

        return new RunResult(StopReason.None);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _journal.Dispose();
        _codec.Dispose();
    }

    /// <summary>Acts on a record at whose tick the machine stands.</summary>
    private void Take(in JournalRecord record)
    {
        if (record.Kind == JournalRecordKind.SettledInput)
        {
            Give(record);
            return;
        }

        Compare(record);
        Complete |= record.Kind == JournalRecordKind.End;
        ReadNext();
    }

    private void Give(in JournalRecord record)
    {
        if (record.Source is <= InputSource.Serial3 or InputSource.VirtioConsole && record.Payload.Length > _machine.LineRoom(record.Source))
            throw _journal.Damaged("an input is longer than the line can hold");
        if (record.Source == InputSource.Memory && !(MemoryPatch.TryParse(record.Payload, out MemoryPatch patch) && _machine.Memory.Holds(patch.Physical, patch.Bytes.Length)))
            throw _journal.Damaged("an input to memory goes where there is none");
        if (record.Source == InputSource.Register && !(RegisterPatch.TryParse(record.Payload, out RegisterPatch register) && _machine.Processor.HasRegister(register.Number)))
            throw _journal.Damaged("an input to a register that the processor does not have");
        if (record.Source is >= InputSource.Network0 and <= InputSource.Network3 && record.Source - InputSource.Network0 >= _machine.NetworkCards.Count)
            throw _journal.Damaged("a frame arrives at a network card that the machine does not have");
        _machine.Inject(new InputEvent(record.Tick, record.Source, record.Payload));
        Inputs++;
        ReadNext();
    }

    private void Compare(in JournalRecord record)
    {
        StateCheck wanted = Decode(record.Payload.Span);
        StateCheck found = _sampler.Take(wanted.Memory is not null);
        Checked += wanted.Memory is null ? 1 : 2;
        if (!wanted.Parts.AsSpan().SequenceEqual(found.Parts))
        {
            SnapshotDifference first = SnapshotDiff.Compare(_sampler.Name(wanted.Parts), _sampler.Name(found.Parts)).First();
            Divergence = Differ(first.Name, first.Before, first.After);
        }
        else if (wanted.Memory != found.Memory)
        {
            Divergence = Differ("memory", Hash(wanted.Memory), Hash(found.Memory));
        }
        else
        {
            _lastEqualTick = record.Tick;
        }
    }

    private StateCheck Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            return _codec.Decode(payload);
        }
        catch (InvalidDataException e)
        {
            throw _journal.Damaged(e.Message);
        }
    }

    private Divergence Differ(string where, string recorded, string replayed) =>
        new(_machine.Clock.Now, _machine.Processor.InstructionCount, _lastEqualTick, where, recorded, replayed);

    private static string Hash(ulong? value) => (value ?? 0).ToString("x16", CultureInfo.InvariantCulture);

    private void ReadNext() => _next = _journal.TryRead(out JournalRecord record) ? record : null;
}
