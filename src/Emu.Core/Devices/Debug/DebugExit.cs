using Emu.Core.Bus;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Devices.Debug;

/// <summary>QEMU's isa-debug-exit at ports F4H-F7H: a write stops the machine with its value; QEMU's process would end with (value &lt;&lt; 1) | 1.</summary>
public sealed class DebugExit : Device<DebugExit.State>, IPortHandler
{
    private readonly StopLatch _stop;

    public DebugExit(StopLatch stop)
        : base("debugexit") => _stop = stop;

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports) => ports.Register(0xF4, 4, AccessWidths.Any, this);

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => 0;

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        S.Value = value;
        _stop.Request(StopReason.DebugExit, value);
    }

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>The last value written.</summary>
    public struct State
    {
        public uint Value;
    }
}
