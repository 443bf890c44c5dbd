namespace Emu.Core.Memory;

/// <summary>Told before bytes change in a frame that carries <see cref="FrameFlags.Code"/> or <see cref="FrameFlags.PageTable"/>.</summary>
public interface IFrameWatcher
{
    /// <summary>Bytes [offset, offset + length) of RAM are about to be overwritten; they lie within one frame.</summary>
    /// <param name="offset">Offset into RAM (not a physical address: RAM above 4 GiB is contiguous here).</param>
    /// <param name="length">1 to 4096.</param>
    void BeforeWrite(ulong offset, int length);

    /// <summary>A frame with <see cref="FrameFlags.Code"/> is about to become what a snapshot has: nobody's write, so nothing that waits for writes may hear of it.</summary>
    /// <param name="frame">Its number: offset into RAM / 4096.</param>
    void BeforeReplacement(uint frame);
}
