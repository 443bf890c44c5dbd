using Emu.Core.Memory;
using Otherworld.Guest.Inspection;

namespace System.Tests.Inspection;

/// <summary>A guest's RAM with some words changed, and perhaps cut off: the guest itself is not touched.</summary>
/// <param name="memory">The RAM.</param>
/// <param name="frames">How much of it there is.</param>
internal sealed class DamagedMemory(PhysicalMemory memory, int frames) : PhysicalMemory
{
    private readonly PhysicalMemory _memory = memory;
    private readonly Dictionary<int, byte[]> _changed = [];

    public DamagedMemory(PhysicalMemory memory)
        : this(memory, memory.FrameCount)
    {
    }

    /// <inheritdoc/>
    public override int FrameCount { get; } = frames;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Frame(int frame) => _changed.TryGetValue(frame, out byte[]? bytes) ? bytes : _memory.Frame(frame);

    /// <summary>Changes a word of 8 bytes, by linear address of the kernel.</summary>
    public void Write(KernelInstance kernel, ulong linear, ulong value)
    {
        Assert.That(_memory.TryTranslate(kernel.Root, linear, out ulong physical), Is.True, $"{linear:x16} is not mapped");
        WritePhysical(physical, value);
    }

    /// <summary>Changes a word of 8 bytes.</summary>
    public void WritePhysical(ulong physical, ulong value)
    {
        int frame = (int)(physical / GuestMemory.FrameSize);
        if (!_changed.TryGetValue(frame, out byte[]? bytes))
        {
            bytes = new byte[GuestMemory.FrameSize];
            _memory.Frame(frame).CopyTo(bytes);
            _changed.Add(frame, bytes);
        }

        BitConverter.TryWriteBytes(bytes.AsSpan((int)(physical % GuestMemory.FrameSize)), value);
    }
}
