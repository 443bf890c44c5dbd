using Emu.Core.Irq;

namespace Emu.X86.Tests.Supervisor;

/// <summary>FERR# makes an interrupt request of every rising edge; IGNNE# is what the test says.</summary>
public sealed class FakeCoprocessor(FakeApic apic) : ICoprocessorPins
{
    /// <summary>The vector that IRQ 13 has on a PC under DOS.</summary>
    public const byte Vector = 0x75;

    private readonly FakeApic _apic = apic;

    public bool IgnoreNumericError { get; set; }

    public bool FloatError { get; private set; }

    public void SetFloatError(bool level)
    {
        if (level && !FloatError)
            _apic.Vectors.Enqueue(Vector);
        FloatError = level;
    }
}
