using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.State;

namespace Emu.Core.Devices.Coprocessor;

/// <summary>
/// The board's side of FERR#. Its rising edge is latched and drives IRQ 13. A write to port F0H, whatever the value, clears the latch, and asserts IGNNE# if FERR# is still
/// there, until it goes: so the handler itself may use the x87 before it clears the exception (82371SB data sheet, "Coprocessor error register").
/// </summary>
public sealed class CoprocessorError(IIrqLine irq) : Device<CoprocessorError.State>("coprocessor"), IPortHandler, ICoprocessorPins
{
    /// <summary>Where FERR# arrives.</summary>
    public const int Irq = 13;

    private const ushort Port = 0xF0;
    private readonly IIrqLine _irq = irq;

    /// <inheritdoc/>
    public bool IgnoreNumericError => S.IgnoreNumericError != 0;

    /// <summary>Claims the port.</summary>
    public void Attach(PortBus ports) => ports.Register(Port, 1, AccessWidths.Byte, this);

    /// <inheritdoc/>
    public void SetFloatError(bool level)
    {
        if (level == (S.FloatError != 0))
            return;
        S.FloatError = level ? (byte)1 : (byte)0;
        if (level)
            _irq.Set(true);
        else
            S.IgnoreNumericError = 0;
    }

    /// <summary>Write-only: nothing drives the bus.</summary>
    public uint ReadPort(ushort port, int size) => 0xFF;

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        _irq.Set(false);
        S.IgnoreNumericError = S.FloatError;
    }

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>The levels of FERR# and IGNNE#. The latch is the level of the wire, which the router keeps.</summary>
    public struct State
    {
        public byte FloatError, IgnoreNumericError;
    }
}
