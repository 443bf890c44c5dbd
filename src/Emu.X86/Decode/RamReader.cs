using Iced.Intel;

namespace Emu.X86.Decode;

/// <summary>Feeds Iced from one or two pieces of guest RAM; -1 at the end makes the decoder report "no more bytes".</summary>
internal sealed unsafe class RamReader : CodeReader
{
    private byte* _next;
    private byte* _end;
    private byte* _second;
    private byte* _secondEnd;

    /// <summary>Reads [start, end), then [second, secondEnd).</summary>
    internal void Set(byte* start, byte* end, byte* second, byte* secondEnd)
    {
        _next = start;
        _end = end;
        _second = second;
        _secondEnd = secondEnd;
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        if (_next == _end)
        {
            if (_second == _secondEnd)
                return -1;
            _next = _second;
            _end = _secondEnd;
            _second = _secondEnd;
        }

        return *_next++;
    }
}
