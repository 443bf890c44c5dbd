using Emu.Core.Bus;
using Emu.Core.Host;
using Emu.Core.Machine;

namespace Emu.Core.Tests;

/// <summary>A whole PC around a <see cref="FakeProcessor"/>, driven through its bus as a driver would.</summary>
internal sealed class Rig : IDisposable
{
    public Rig(MachineDescription? description = null)
    {
        Machine = new PcMachine(
            description ?? Small,
            new MachineOutputs { Serial0 = Serial, DebugConsole = Debug },
            parts => new FakeProcessor(parts));
        Cpu = (FakeProcessor)Machine.Processor;
    }

    public static MachineDescription Small { get; } = new() { MemorySize = 4 << 20, WatchdogTicks = 0 };

    public PcMachine Machine { get; }

    public FakeProcessor Cpu { get; }

    public BufferSink Serial { get; } = new();

    public BufferSink Debug { get; } = new();

    public IBus Bus => Machine.Parts.Bus;

    public ulong Now => Machine.Clock.Now;

    public byte In(int port) => (byte)Bus.ReadPort((ushort)port, 1);

    public void Out(int port, int value) => Bus.WritePort((ushort)port, 1, (uint)value);

    public void OutAll(params (int Port, int Value)[] writes)
    {
        foreach ((int port, int value) in writes)
            Out(port, value);
    }

    public uint ReadApic(uint offset) => (uint)Bus.ReadMmio(0xFEE0_0000 + offset, 4);

    public void WriteApic(uint offset, uint value) => Bus.WriteMmio(0xFEE0_0000 + offset, 4, value);

    /// <summary>Time passes without a processor: events fire at their ticks.</summary>
    public void Advance(ulong ticks)
    {
        ulong end = Now + ticks;
        while (Machine.Events.NextTick <= end)
        {
            Machine.Clock.Now = Math.Max(Now, Machine.Events.NextTick);
            Machine.Events.FireDue();
        }

        Machine.Clock.Now = end;
    }

    /// <summary>The usual initialisation of the 8259 pair: vectors 20H and 28H, everything unmasked.</summary>
    public void InitialisePics() => OutAll((0x20, 0x11), (0x21, 0x20), (0x21, 4), (0x21, 1), (0xA0, 0x11), (0xA1, 0x28), (0xA1, 2), (0xA1, 1), (0x21, 0), (0xA1, 0));

    public void Dispose() => Machine.Dispose();
}
