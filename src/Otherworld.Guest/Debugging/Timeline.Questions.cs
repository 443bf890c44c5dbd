using Iced.Intel;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Debugging;

/// <content>Questions about the past. They are answered by going back, and it stands where it stood afterwards.</content>
public sealed partial class Timeline
{
    private const int MostTransfers = 32;
    private const int LongestInstruction = 15;

    /// <summary>The instruction that wrote last to watched memory.</summary>
    /// <param name="watch">The memory.</param>
    /// <param name="interrupted">Asked from time to time: give up.</param>
    /// <returns>Null when nothing has, since <see cref="First"/>, or it was interrupted.</returns>
    public WriterFound? LastWriter(Watchpoint watch, Func<bool> interrupted)
    {
        Checkpoint here = Here();
        var points = new StopPoints(_processor);
        points.Add(watch);
        WriterFound? writer = ContinueBack(points, interrupted).Kind == StopKind.Watchpoint
            ? new WriterFound(InstructionCount, _machine.Clock.Now, _processor.State.Rip)
            : null;
        Restore(here);
        return writer;
    }

    /// <summary>The last control transfers before here, the earliest first; one that repeats itself is there once.</summary>
    /// <param name="instructions">How far back to begin.</param>
    public IReadOnlyList<ControlTransfer> TransfersBefore(ulong instructions)
    {
        Checkpoint here = Here();
        GoTo(here.InstructionCount - Math.Min(instructions, here.InstructionCount - First));
        var transfers = new Queue<ControlTransfer>();
        (ulong From, ulong To) last = default;
        while (InstructionCount < here.InstructionCount)
        {
            ulong count = InstructionCount;
            ulong from = _processor.State.Rip;
            Instruction instruction = Decode();
            Step();
            ulong to = _processor.State.Rip;
            if (to == from || (to == instruction.NextIP && InstructionCount != count))
                continue; // an iteration of a repeated instruction, or in sequence
            if (from == last.From && to == last.To)
                continue; // a loop's jump once more: what came before the loop tells more
            last = (from, to);
            transfers.Enqueue(new ControlTransfer(count, from, to, IsEvent: InstructionCount == count));
            if (transfers.Count > MostTransfers)
                transfers.Dequeue();
        }

        Restore(here);
        return [.. transfers];
    }

    private Instruction Decode()
    {
        Span<byte> bytes = stackalloc byte[LongestInstruction];
        ulong linear = _processor.CodeBitness == 64 ? _processor.State.Rip : (uint)(_processor.State.Segments[(int)Emu.X86.State.SegmentIndex.Cs].Base + _processor.State.Rip);
        int read = AddressSpace.Of(_machine.Memory, ref _processor.State).Read(linear, bytes);
        var decoder = Decoder.Create(_processor.CodeBitness, new ByteArrayCodeReader(bytes[..read].ToArray()));
        decoder.IP = _processor.State.Rip;
        return decoder.Decode();
    }
}
