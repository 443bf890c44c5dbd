namespace Emu.Core.Memory;

/// <summary>Packs frames into regions.</summary>
/// <param name="expected">Most frames that will be added; decides how large the regions are made.</param>
public sealed class PageRegionBuilder(int expected)
{
    private int _left = expected;
    private PageRegion? _region;
    private int _used;
    private int _size;

    /// <summary>Copies a frame.</summary>
    public FrameRef Add(ReadOnlySpan<byte> bytes)
    {
        if (_used == _size)
        {
            Check.That(_left > 0, "more frames than expected");
            _size = Math.Min(_left, PageRegion.Capacity);
            _left -= _size;
            _used = 0;
            _region = new PageRegion(_size);
        }

        bytes.CopyTo(_region![_used]);
        return new FrameRef(_region, _used++);
    }
}
