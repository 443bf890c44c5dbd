using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.State;

namespace Emu.Core.Tests.Replay;

/// <summary>A run with serial input at random ticks, recorded into memory, and what it ended in.</summary>
internal sealed class RecordedRun
{
    public const ulong Horizon = 250_000_000;

    public RecordedRun(ulong seed)
    {
        using Rig rig = Start();
        var prng = new Prng(seed);
        var stream = new MemoryStream();
        using (var recorder = new RunRecorder(rig.Machine, new JournalWriter(stream, 42)))
        {
            while (rig.Now < Horizon)
            {
                Feed(rig, prng);
                rig.Machine.Run(Math.Min(Horizon, rig.Now + prng.Below(7_000_000)));
            }

            recorder.Finish();
        }

        Journal = stream.ToArray();
        Hash = rig.Machine.StateHash();
        Interrupts = [.. rig.Cpu.Taken];
    }

    public byte[] Journal { get; }

    public ulong Hash { get; }

    public IReadOnlyList<(ulong Tick, byte Vector)> Interrupts { get; }

    /// <summary>A machine whose serial port and timer interrupt it.</summary>
    public static Rig Start()
    {
        var rig = new Rig();
        rig.InitialisePics();
        rig.OutAll((0x3FA, 1), (0x3FC, 0x0B), (0x3F9, 1));
        rig.OutAll((0x43, 0x34), (0x40, 0x00), (0x40, 0x40));
        rig.Cpu.Handler = vector =>
        {
            if (vector == 0x24)
                rig.In(0x3F8);
            rig.Out(0x20, 0x20);
        };
        return rig;
    }

    public RunReplayer Replayer(Rig rig, byte[]? journal = null) => new(rig.Machine, new JournalReader(new MemoryStream(journal ?? Journal), "the journal"));

    private static void Feed(Rig rig, Prng prng)
    {
        byte[] bytes = [(byte)prng.Below(256), (byte)prng.Below(256)];
        if (rig.Machine.Uarts[0].LineRoom < 8 || rig.Machine.PendingInputs > 0)
            return; // the line is full, or an input on its way would be overtaken
        if (prng.Below(2) == 0)
            rig.Machine.Inject(InputSource.Serial0, bytes);
        else
            rig.Machine.Inject(new InputEvent(rig.Now + prng.Below(3_000_000), InputSource.Serial0, bytes));
    }
}
