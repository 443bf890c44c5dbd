using Emu.Core.Bus;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Devices.Reset;

/// <summary>System control port A (92H: fast reset, A20) and the reset control register of PIIX and ICH (CF9H).</summary>
/// <remarks>A20 is always enabled: the bit can be written and read back, and masks nothing.</remarks>
public sealed class ResetControl : Device<ResetControl.State>, IPortHandler
{
    private const ushort PortA = 0x92, ControlPort = 0xCF9;
    private const byte FastReset = 0x01, A20 = 0x02, ResetCpu = 0x04, ControlBits = 0x0A;
    private readonly StopLatch _stop;

    public ResetControl(StopLatch stop)
        : base("reset")
    {
        _stop = stop;
        Reset();
    }

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports)
    {
        ports.Register(PortA, 1, AccessWidths.Byte, this);
        ports.Register(ControlPort, 1, AccessWidths.Byte, this);
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => port == PortA ? S.PortA : S.Control;

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        if (port == PortA)
        {
            if ((value & FastReset) != 0)
                _stop.Request(StopReason.Reset, PortA);
            S.PortA = (byte)(value & A20);
            return;
        }

        if ((value & ResetCpu) != 0)
            _stop.Request(StopReason.Reset, ControlPort);
        S.Control = (byte)(value & ControlBits);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.PortA = A20;
    }

    /// <summary>Both registers, without their reset bits.</summary>
    public struct State
    {
        public byte PortA, Control;
    }
}
