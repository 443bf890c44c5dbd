namespace Emu.Core.Devices;

/// <summary>Where a device's output bytes leave the machine: a terminal, a log, another machine's line.</summary>
public interface IByteSink
{
    /// <summary>Takes bytes at the present tick. Must not call back into the machine.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
