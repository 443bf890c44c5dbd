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

    /// <summary>The virtio console (hvc0).</summary>
    public IByteSink VirtioConsole { get; init; } = NullSink.Instance;

    /// <summary>Port E9H.</summary>
    public IByteSink DebugConsole { get; init; } = NullSink.Instance;

    /// <summary>The network cards, in the order of their slots; a card beyond the last is unplugged.</summary>
    public IReadOnlyList<IFrameSink> Cables { get; init; } = [];

    /// <summary>The same, with one line that characters go through connected to somewhere else.</summary>
    /// <param name="line">A serial line or the virtio console.</param>
    /// <param name="sink">Where it goes.</param>
    public MachineOutputs With(InputSource line, IByteSink sink) => line switch
    {
        InputSource.Serial0 => this with { Serial0 = sink },
        InputSource.Serial1 => this with { Serial1 = sink },
        InputSource.Serial2 => this with { Serial2 = sink },
        InputSource.Serial3 => this with { Serial3 = sink },
        InputSource.VirtioConsole => this with { VirtioConsole = sink },
        _ => throw new ArgumentOutOfRangeException(nameof(line), line, "no line that characters go through"),
    };
}
