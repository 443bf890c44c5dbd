namespace Emu.Core.Irq;

/// <summary>
/// The two pins by which a processor reports an unmasked x87 exception while CR0.NE is clear, as the PC has done since the 80287: FERR# out, IGNNE# in. Asserted is true,
/// whatever the voltage. SDM 3A 2.5 (NE) and SDM 1, 8.7.
/// </summary>
public interface ICoprocessorPins
{
    /// <summary>IGNNE#: instructions that would wait for the exception run on.</summary>
    bool IgnoreNumericError { get; }

    /// <summary>Drives FERR#. Repeating the same level does nothing.</summary>
    void SetFloatError(bool level);
}
