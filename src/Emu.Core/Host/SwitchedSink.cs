using Emu.Core.Devices;

namespace Emu.Core.Host;

/// <summary>Passes bytes on as long as it is on.</summary>
/// <param name="next">Where they go.</param>
public sealed class SwitchedSink(IByteSink next) : IByteSink, ISwitch
{
    private readonly IByteSink _next = next;

    /// <inheritdoc/>
    public bool IsOn { get; set; } = true;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (IsOn)
            _next.Write(bytes);
    }
}
