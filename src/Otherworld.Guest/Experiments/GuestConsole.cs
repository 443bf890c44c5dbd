using System.Text;
using Emu.Core;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Experiments;

/// <summary>A guest with its four serial lines and debug console recorded, and a hand that types. Everything happens in guest time.</summary>
public sealed class GuestConsole
{
    /// <summary>Guest ns between two looks at what was said: part of how a run goes, so never a matter of the host.</summary>
    private const ulong Step = 1_000_000;

    /// <summary>Guest ns between two typed characters: a fast human, slower than any line discipline.</summary>
    private const ulong KeyInterval = 2_000_000;

    private readonly Transcript[] _lines;

    public GuestConsole(MachineSettings settings)
    {
        _lines = [new(Stop), new(Stop), new(Stop), new(Stop)];
        Debug = new Transcript(Stop);
        Guest = GuestMachine.Create(settings, new MachineOutputs
        {
            Serial0 = _lines[0],
            Serial1 = _lines[1],
            Serial2 = _lines[2],
            Serial3 = _lines[3],
            DebugConsole = Debug,
        });
    }

    /// <summary>The machine.</summary>
    public GuestMachine Guest { get; }

    /// <summary>Port E9H: the marks of the guest protocol.</summary>
    public Transcript Debug { get; }

    /// <summary>What ttyS0 to ttyS3 said.</summary>
    public IReadOnlyList<Transcript> Lines => _lines;

    /// <summary>Where the run stands.</summary>
    public Moment Now => new(Guest.Processor.InstructionCount, Guest.Machine.Clock.Now);

    /// <summary>Positions in all transcripts, to come back to with <see cref="Rewind"/>.</summary>
    public int[] Mark() => [.. _lines.Append(Debug).Select(transcript => transcript.Length)];

    /// <summary>Takes back what was said since <see cref="Mark"/>; the machine itself is restored by the caller.</summary>
    public void Rewind(int[] mark)
    {
        foreach ((Transcript transcript, int length) in _lines.Append(Debug).Zip(mark))
            transcript.TruncateTo(length);
    }

    /// <summary>
    /// Runs to a tick. The machine stops behind every instruction that says something, only to note when that was; a run may be cut anywhere, so
    /// nothing of it can be seen by the guest.
    /// </summary>
    /// <returns>Why the run ended.</returns>
    public RunResult Run(ulong limit)
    {
        while (true)
        {
            RunResult result = Guest.Machine.Run(limit);
            if (result.Reason != StopReason.Text)
                return result;
            foreach (Transcript transcript in _lines.Append(Debug))
                transcript.Stamp(Now);
        }
    }

    /// <summary>Lets guest time pass.</summary>
    /// <returns>False when the machine stopped by itself before.</returns>
    public bool Pass(ulong nanoseconds) => Run(Guest.Machine.Clock.Now + nanoseconds).Reason == StopReason.Limit;

    /// <summary>Runs until a transcript shows a text behind a position.</summary>
    /// <param name="where">Which transcript.</param>
    /// <param name="from">Position from which the text counts.</param>
    /// <param name="text">The text.</param>
    /// <param name="within">Most instructions.</param>
    /// <returns>When it was complete, exactly; the run stands up to 1 ms behind. Null when it did not come in time, or the machine stopped.</returns>
    public Moment? WaitFor(Transcript where, int from, string text, ulong within)
    {
        ulong last = Guest.Processor.InstructionCount + within;
        while (true)
        {
            if (where.Find(from, text) is { } seen)
                return seen;
            if (Guest.Processor.InstructionCount >= last || !Pass(Step))
                return null;
        }
    }

    /// <summary>Types on a serial line, one character at a time.</summary>
    public bool Type(int line, string text)
    {
        foreach (byte key in Encoding.ASCII.GetBytes(text))
        {
            Guest.Machine.Inject((InputSource)((int)InputSource.Serial0 + line), new[] { key });
            if (!Pass(KeyInterval))
                return false;
        }

        return true;
    }

    /// <summary>Runs to an exact instruction count; idle ticks do not count.</summary>
    /// <returns>False when the machine stopped before.</returns>
    public bool RunToIcount(ulong icount)
    {
        while (Guest.Processor.InstructionCount < icount)
        {
            ulong left = icount - Guest.Processor.InstructionCount;
            if (Run(Guest.Machine.Clock.Now + left).Reason != StopReason.Limit)
                return false;
        }

        Check.That(Guest.Processor.InstructionCount == icount);
        return true;
    }

    private void Stop() => Guest.Machine.Stop.Request(StopReason.Text);
}
