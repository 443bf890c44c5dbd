using Emu.Core.Bus;
using Emu.Core.Time;

namespace Emu.X86.Tests.Supervisor;

/// <summary>A bus that remembers what was written, with the tick, and answers reads with a fixed pattern.</summary>
public sealed class FakeBus(MachineClock clock) : IBus
{
    public List<(ulong Tick, ulong Address, int Size, ulong Value)> Writes { get; } = [];

    public uint ReadPort(ushort port, int size) => 0x1122_3344;

    public void WritePort(ushort port, int size, uint value) => Writes.Add((clock.Now, port, size, value));

    public ulong ReadMmio(ulong physical, int size) => 0x5566_7788_99AA_BBCC;

    public void WriteMmio(ulong physical, int size, ulong value) => Writes.Add((clock.Now, physical, size, value));
}
