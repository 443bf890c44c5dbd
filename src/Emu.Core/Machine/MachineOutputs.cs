using Emu.Core.Devices;
using Emu.Core.Devices.Network;

namespace Emu.Core.Machine;

/// <summary>Where what a machine says goes. No part of its identity: nothing comes back from here.</summary>
public sealed record MachineOutputs
{
    /// <summary>The serial ports COM1 to COM4 (ttyS0 to ttyS3).</summary>
    public IByteSink Serial0 { get; init; } = NullSink.Instance;

    /// <inheritdoc cref="Serial0"/>
    public IByteSink Serial1 { get; init; } = NullSink.Instance;

    /// <inheritdoc cref="Serial0"/>
    public IByteSink Serial2 { get; init; } = NullSink.Instance;

    /// <inheritdoc cref="Serial0"/>
    public IByteSink Serial3 { get; init; } = NullSink.Instance;

    /// <summary>Port E9H.</summary>
    public IByteSink DebugConsole { get; init; } = NullSink.Instance;

    /// <summary>The network cards, in the order of their slots; a card beyond the last is unplugged.</summary>
    public IReadOnlyList<IFrameSink> Cables { get; init; } = [];
}
