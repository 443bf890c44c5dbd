namespace Emu.Core.Host;

/// <summary>Where bytes go that leave the machine: a terminal, a log, a test. What it does can never reach the machine again.</summary>
public interface IByteSink
{
    /// <summary>Takes one byte; must not allocate and must not block for long, since the machine waits.</summary>
    void Write(byte value);
}
