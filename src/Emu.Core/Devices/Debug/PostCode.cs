using Emu.Core.Bus;
using Emu.Core.State;

namespace Emu.Core.Devices.Debug;

/// <summary>The power-on self-test port 80H, which kernels also write to as a short delay, and EDH, its replacement for that.</summary>
public sealed class PostCode() : Device<PostCode.State>("post"), IPortHandler
{
    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports)
    {
        ports.Register(0x80, 1, AccessWidths.Byte, this);
        ports.Register(0xED, 1, AccessWidths.Byte, this);
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => S.Code;

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value) => S.Code = (byte)value;

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>The last code.</summary>
    public struct State
    {
        public byte Code;
    }
}
