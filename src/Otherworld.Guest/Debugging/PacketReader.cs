namespace Otherworld.Guest.Debugging;

/// <summary>Takes the bytes of a debugger apart into packets (<c>$data#checksum</c>), byte by byte. Nothing it is fed makes it fail or grow.</summary>
internal sealed class PacketReader
{
    /// <summary>Longest packet, as it is announced.</summary>
    public const int Longest = 0x4000;

    private const byte Start = (byte)'$', End = (byte)'#', Escape = (byte)'}';

    private readonly byte[] _raw = new byte[Longest];
    private int _length;
    private int _sum;
    private int _claimed;
    private Place _place;

    private enum Place
    {
        Outside,
        Data,
        FirstDigit,
        SecondDigit,
    }

    /// <summary>The packet after <see cref="PacketKind.Packet"/>, with escapes resolved; until the next byte.</summary>
    public ReadOnlySpan<byte> Packet => _raw.AsSpan(0, _length);

    /// <summary>Takes the next byte.</summary>
    /// <returns>What it completed.</returns>
    public PacketKind Feed(byte value)
    {
        switch (_place)
        {
            case Place.Outside:
                return Begin(value);
            case Place.Data when value == Start:
                Open(); // the rest of the packet before was lost
                return PacketKind.None;
            case Place.Data when value == End:
                _place = Place.FirstDigit;
                return PacketKind.None;
            case Place.Data:
                _sum = (_sum + value) & 0xFF;
                if (_length < Longest)
                    _raw[_length] = value;
                _length++;
                return PacketKind.None;
            case Place.FirstDigit:
                _claimed = Hex.Digit(value) << 4;
                _place = Place.SecondDigit;
                return PacketKind.None;
            default:
                _place = Place.Outside;
                return Close(_claimed | Hex.Digit(value));
        }
    }

    private PacketKind Begin(byte value)
    {
        switch (value)
        {
            case Start:
                Open();
                return PacketKind.None;
            case 0x03:
                return PacketKind.Interrupt;
            case (byte)'-':
                return PacketKind.Resend;
            default:
                return PacketKind.None; // acknowledgements, noise
        }
    }

    private void Open()
    {
        _place = Place.Data;
        _length = 0;
        _sum = 0;
    }

    private PacketKind Close(int claimed)
    {
        if (_length > Longest || claimed != _sum)
        {
            _length = 0;
            return PacketKind.Damaged;
        }

        int to = 0;
        for (int from = 0; from < _length; from++)
            _raw[to++] = _raw[from] == Escape && from + 1 < _length ? (byte)(_raw[++from] ^ 0x20) : _raw[from];
        _length = to;
        return PacketKind.Packet;
    }
}
