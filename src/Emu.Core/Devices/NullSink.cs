namespace Emu.Core.Devices;

/// <summary>Drops everything.</summary>
public sealed class NullSink : IByteSink
{
    /// <summary>The only one needed.</summary>
    public static NullSink Instance { get; } = new();

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
    }
}
