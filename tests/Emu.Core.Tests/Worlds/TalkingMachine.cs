using System.IO.Hashing;
using Emu.Core.Devices.Network;
using Emu.Core.Devices.Virtio;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Tests.Virtio;

namespace Emu.Core.Tests.Worlds;

/// <summary>
/// A machine whose timer makes it send frames of random length and content, and that mixes everything it receives into a word of memory: it sees every bit, the
/// order and the tick. All that its driver knows is in memory, so that a snapshot holds it.
/// </summary>
internal sealed class TalkingMachine : IDisposable
{
    private const int QueueSize = 16;
    private const ulong Stride = 2048;
    private const ulong Tables = 0x10000;
    private const ulong TableStride = 0x8000;
    private const ulong Buffers = 0x80000;
    private const ulong BufferStride = 0x10000;
    private const ulong Words = 0x7_0000;

    /// <summary>What was received, mixed together.</summary>
    private const ulong Mix = Words;

    /// <summary>The state of what is sent next.</summary>
    private const ulong Seed = Words + 8;

    /// <summary>Frames received, a word for each card.</summary>
    private const ulong Seen = Words + 16;

    private readonly int _cards;

    /// <param name="cables">What its cards are plugged into.</param>
    /// <param name="seed">Of what it says.</param>
    /// <param name="period">Counts of the 8254 between two frames.</param>
    public TalkingMachine(IReadOnlyList<IFrameSink> cables, ulong seed, ushort period)
    {
        _cards = cables.Count;
        MachineDescription description = Rig.Small with { MemorySize = 2 << 20, Virtio = ["", "", "", "", .. cables.Select((_, i) => $"net,02:00:00:00:00:0{i + 1}")] };
        MachineOutputs outputs = new() { Cables = cables };
        Machine = new PcMachine(
            description, outputs, parts => new FakeProcessor(parts), VirtioDevices.For(description, [], outputs));
        ((FakeProcessor)Machine.Processor).Handler = Handle;
        ((FakeProcessor)Machine.Processor).IdleLoop = seed % 2 == 0;
        foreach ((int port, int value) in ((int, int)[])[(0x20, 0x11), (0xA0, 0x11), (0x21, 0x20), (0xA1, 0x28), (0x21, 4), (0xA1, 2), (0x21, 1), (0xA1, 1), (0x21, 0), (0xA1, 0), (0x43, 0x34), (0x40, period & 0xFF), (0x40, period >> 8)])
            Machine.Parts.Bus.WritePort((ushort)port, 1, (uint)value);
        Machine.Memory.Write(Seed, seed);
        for (int card = 0; card < _cards; card++)
            SetUp(card);
    }

    public PcMachine Machine { get; }

    public ulong Received => Enumerable.Range(0, _cards).Aggregate(0UL, (sum, card) => sum + Machine.Memory.Read<ulong>(Seen + (8 * (ulong)card)));

    public void Dispose() => Machine.Dispose();

    private static ulong Table(int card, int queue) => Tables + ((ulong)((2 * card) + queue) * TableStride);

    private static ulong Available(int card, int queue) => Table(card, queue) + 0x2000;

    private static ulong Used(int card, int queue) => Table(card, queue) + 0x3000;

    private static ulong Buffer(int card, int queue, int index) => Buffers + ((ulong)((2 * card) + queue) * BufferStride) + ((ulong)index * Stride);

    private void Handle(byte vector)
    {
        if (vector == 0x20)
            Send();
        else
            Receive();
        Machine.Parts.Bus.WritePort(0xA0, 1, 0x20);
        Machine.Parts.Bus.WritePort(0x20, 1, 0x20);
    }

    private void Send()
    {
        var prng = new Prng(Machine.Memory.Read<ulong>(Seed));
        int card = (int)prng.Below((ulong)_cards);
        byte[] packet = new byte[NetBench.HeaderLength + EthernetFrame.HeaderLength + (int)prng.Below(1500)];
        prng.Fill(packet.AsSpan(NetBench.HeaderLength));
        Machine.Memory.Write(Seed, prng.Next());
        ushort index = Machine.Memory.Read<ushort>(Available(card, 1) + 2);
        Machine.Memory.Write(Buffer(card, 1, index % QueueSize), packet);
        Machine.Memory.Write(Table(card, 1) + (16UL * (index % (uint)QueueSize)) + 8, packet.Length);
        Offer(card, 1, index % QueueSize);
        Write(card, 0x050, 1);
    }

    private void Receive()
    {
        for (int card = 0; card < _cards; card++)
        {
            Write(card, 0x064, 3);
            ulong seen = Machine.Memory.Read<ulong>(Seen + (8 * (ulong)card));
            for (; (ushort)seen != Machine.Memory.Read<ushort>(Used(card, 0) + 2); seen++)
            {
                ulong element = Used(card, 0) + 4 + (8 * (seen % QueueSize));
                int head = Machine.Memory.Read<int>(element);
                byte[] packet = new byte[Machine.Memory.Read<int>(element + 4)];
                Machine.Memory.Read(Buffer(card, 0, head), packet);
                ulong mixed = XxHash3.HashToUInt64(packet, (long)(Machine.Memory.Read<ulong>(Mix) ^ Machine.Clock.Now));
                Machine.Memory.Write(Mix, mixed);
                Offer(card, 0, head);
            }

            Machine.Memory.Write(Seen + (8 * (ulong)card), seen);
        }
    }

    private void Offer(int card, int queue, int head)
    {
        ulong ring = Available(card, queue);
        ushort index = Machine.Memory.Read<ushort>(ring + 2);
        Machine.Memory.Write(ring + 4 + (2UL * (index % (uint)QueueSize)), (ushort)head);
        Machine.Memory.Write(ring + 2, (ushort)(index + 1));
    }

    private void SetUp(int card)
    {
        foreach (uint status in (uint[])[0, 1, 3])
            Write(card, 0x070, status);
        Write(card, 0x024, 1);
        Write(card, 0x020, (uint)(VirtioFeatures.Version1 >> 32));
        Write(card, 0x070, 11);
        for (int queue = 0; queue < 2; queue++)
        {
            for (int i = 0; i < QueueSize; i++)
            {
                Machine.Memory.Write(Table(card, queue) + (16UL * (uint)i), Buffer(card, queue, i));
                Machine.Memory.Write(Table(card, queue) + (16UL * (uint)i) + 8, (uint)Stride);
                Machine.Memory.Write(Table(card, queue) + (16UL * (uint)i) + 12, queue == 0 ? 2u : 0u);
                if (queue == 0)
                    Offer(card, queue, i);
            }

            foreach ((int offset, ulong value) in ((int, ulong)[])[(0x030, (ulong)queue), (0x038, QueueSize), (0x080, Table(card, queue)), (0x090, Available(card, queue)), (0x0A0, Used(card, queue)), (0x044, 1)])
                Write(card, offset, (uint)value);
        }

        Write(card, 0x070, 15);
    }

    private void Write(int card, int offset, uint value) => Machine.Parts.Bus.WriteMmio(new VirtioSlot(4 + card).Address + (ulong)offset, 4, value);
}
