using Emu.Core.Devices;

namespace Emu.Core.Host;

/// <summary>Passes bytes on as long as it is on.</summary>
/// <param name="next">Where they go.</param>
public sealed class SwitchedSink(IByteSink next) : IByteSink
{
    private readonly IByteSink _next = next;

    /// <summary>Whether bytes are passed on, or dropped.</summary>
    public bool IsOn { get; set; } = true;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (IsOn)
            _next.Write(bytes);
    }
}
