using Emu.Core.Machine;

namespace Emu.Core.Replay;

/// <summary>
/// Writes down what a run needs to be replayed: every input, and from time to time what the machine was, so that a replay can show that it is the
/// same run. Recording changes nothing of the run.
/// </summary>
public sealed class RunRecorder : IInputJournal, IRunProbe, IDisposable
{
    /// <summary>At most so many instructions are between two looks at processor and devices.</summary>
    public const ulong CheckInterval = 10_000_000;

    /// <summary>Every so many looks memory is hashed too: once in 100 million instructions.</summary>
    public const int MemoryInterval = 10;

    private readonly PcMachine _machine;
    private readonly JournalWriter _journal;
    private readonly IInputJournal? _next;
    private readonly StateSampler _sampler;
    private readonly CheckCodec _codec;
    private readonly Task _start;
    private ulong _lastCheck;
    private int _checks;

    /// <summary>Records from now on; the machine stands where the snapshot was taken that the journal names.</summary>
    /// <param name="machine">What runs.</param>
    /// <param name="journal">Where to; disposed with the recorder.</param>
    /// <param name="start">The snapshot's writing; the recording is whole, and ends, only when that has. Null when it is written.</param>
    public RunRecorder(PcMachine machine, JournalWriter journal, Task? start = null)
    {
        Check.That(machine.Probe is null, "the machine is being looked at already");
        _machine = machine;
        _journal = journal;
        _start = start ?? Task.CompletedTask;
        _next = machine.Journal;
        _sampler = new StateSampler(machine);
        _codec = new CheckCodec(_sampler.PartsLength);
        _lastCheck = machine.Processor.InstructionCount;
        machine.Journal = this;
        machine.Probe = this;
    }

    /// <inheritdoc/>
    public ulong NextInstruction => _lastCheck + CheckInterval;

    /// <inheritdoc/>
    public void Record(in InputEvent input, bool settled)
    {
        _journal.Write(new JournalRecord(settled ? JournalRecordKind.SettledInput : JournalRecordKind.Input, input.Source, input.Tick, input.Bytes));
        _next?.Record(input, settled);
    }

    /// <inheritdoc/>
    /// <exception cref="OtherworldException">The snapshot or the journal cannot be written.</exception>
    public void Reach()
    {
        if (_start.IsFaulted)
            _start.GetAwaiter().GetResult();
        _checks++;
        Write(JournalRecordKind.Check, _checks % MemoryInterval == 0);
        _lastCheck = _machine.Processor.InstructionCount;
    }

    /// <summary>Now, to come back to with the machine.</summary>
    public RecorderMark Mark() => new(_journal.Mark(), _codec.Before, _lastCheck, _checks);

    /// <summary>Takes back what was recorded since, because the machine has been restored to what it was then.</summary>
    public void Rewind(RecorderMark mark)
    {
        _journal.Rewind(mark.Journal);
        _codec.Before = mark.LastParts;
        _lastCheck = mark.LastCheck;
        _checks = mark.Checks;
        _machine.Run(_machine.Clock.Now); // events due here have fired before the mark: what comes now comes behind them
    }

    /// <summary>Ends the recording where the machine stands.</summary>
    /// <exception cref="OtherworldException">The snapshot or the journal cannot be written.</exception>
    public void Finish()
    {
        Write(JournalRecordKind.End, memory: true);
        _start.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _machine.Journal = _next;
        _machine.Probe = null;
        _journal.Dispose();
        _codec.Dispose();
        ((IAsyncResult)_start).AsyncWaitHandle.WaitOne(); // whether it failed, Finish has said
    }

    private void Write(JournalRecordKind kind, bool memory) =>
        _journal.Write(new JournalRecord(kind, default, _machine.Clock.Now, _codec.Encode(_sampler.Take(memory))));
}
