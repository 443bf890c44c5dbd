using Emu.Core.Irq;

namespace Emu.Core.Tests.Virtio;

/// <summary>An interrupt line that remembers its level and how often it rose.</summary>
internal sealed class RecordingLine : IIrqLine
{
    public bool Level { get; private set; }

    public int Edges { get; private set; }

    public void Set(bool level)
    {
        if (level && !Level)
            Edges++;
        Level = level;
    }
}
