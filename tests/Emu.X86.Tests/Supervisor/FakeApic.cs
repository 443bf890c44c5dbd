using Emu.Core.Machine;

namespace Emu.X86.Tests.Supervisor;

/// <summary>A local APIC with one queue of vectors and an NMI pin.</summary>
public sealed class FakeApic : ILocalApic
{
    public Queue<byte> Vectors { get; } = new();

    public ulong ApicBase { get; set; } = 0xFEE0_0900;

    public ulong MmioBase => 0xFEE0_0000;

    public byte TaskPriority { get; set; }

    public bool Pending => Vectors.Count > 0;

    public bool NmiPending { get; set; }

    public ulong Deadline { get; private set; }

    public byte Acknowledge() => Vectors.Dequeue();

    public bool TakeNmi()
    {
        bool taken = NmiPending;
        NmiPending = false;
        return taken;
    }

    public bool TryReadMsr(uint msr, out ulong value)
    {
        value = msr == 0x1B ? ApicBase : Deadline;
        return msr is 0x1B or 0x6E0;
    }

    public bool TryWriteMsr(uint msr, ulong value)
    {
        Deadline = value;
        return msr == 0x6E0;
    }
}
