using Emu.Core.Bus;
using Emu.Core.State;

namespace Emu.Core.Devices.Debug;

/// <summary>The debug console of Bochs and QEMU at port E9H: each byte written goes out at once; reading gives E9H, by which a guest finds it.</summary>
public sealed class DebugConsole : Device<DebugConsole.State>, IPortHandler
{
    private const ushort Port = 0xE9;
    private readonly IByteSink _sink;

    public DebugConsole(IByteSink sink)
        : base("debugcon") => _sink = sink;

    /// <summary>Claims the port.</summary>
    public void Attach(PortBus ports) => ports.Register(Port, 1, AccessWidths.Byte, this);

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => Port;

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        S.Written++;
        _sink.Write([(byte)value]);
    }

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>How much was written.</summary>
    public struct State
    {
        public ulong Written;
    }
}
