using System.Text;
using Emu.Core.Host;

namespace Otherworld.Guest.Debugging;

/// <summary>One debugger: packets in, packets out, acknowledgements and checksums. A debugger that is gone receives nothing and sends nothing, without an exception.</summary>
internal sealed class GdbConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly StreamSource _source;
    private readonly PacketReader _reader = new();
    private readonly byte[] _received = new byte[4096];
    private byte[] _lastSent = [];
    private int _next;
    private int _available;
    private bool _broken;

    /// <param name="stream">Both directions; disposed with the connection.</param>
    public GdbConnection(Stream stream)
    {
        _stream = stream;
        _source = new StreamSource(stream);
    }

    /// <summary>The debugger is gone.</summary>
    public bool IsClosed => _broken || (_source.Ended && _next == _available);

    /// <summary>Packets are not acknowledged any more.</summary>
    public bool NoAcknowledgements { get; set; }

    /// <summary>The packet, as text of one character for each byte, after <see cref="PacketKind.Packet"/>.</summary>
    public string Packet => Encoding.Latin1.GetString(_reader.Packet);

    /// <summary>Takes the next thing the debugger has sent, if there is any.</summary>
    /// <param name="wait">How long to wait.</param>
    public PacketKind Receive(TimeSpan wait)
    {
        if (_next == _available && !Fill() && wait > TimeSpan.Zero && !IsClosed)
        {
            _source.Wait(wait);
            Fill();
        }

        while (_next < _available)
        {
            PacketKind kind = _reader.Feed(_received[_next++]);
            if (kind == PacketKind.Resend)
                Write(_lastSent);
            else if (kind == PacketKind.Damaged)
                Acknowledge((byte)'-');
            else if (kind == PacketKind.Packet)
                Acknowledge((byte)'+');
            if (kind is PacketKind.Packet or PacketKind.Interrupt)
                return kind;
        }

        return PacketKind.None;
    }

    /// <summary>Sends a packet.</summary>
    /// <param name="text">One character for each byte.</param>
    public void Send(string text)
    {
        var packet = new List<byte>(text.Length + 4) { (byte)'$' };
        int sum = 0;
        foreach (byte value in Encoding.Latin1.GetBytes(text))
        {
            if (value is (byte)'$' or (byte)'#' or (byte)'}' or (byte)'*')
            {
                Add((byte)'}');
                Add((byte)(value ^ 0x20));
            }
            else
            {
                Add(value);
            }
        }

        packet.AddRange(Encoding.ASCII.GetBytes($"#{sum & 0xFF:x2}"));
        _lastSent = [.. packet];
        Write(_lastSent);

        void Add(byte value)
        {
            packet.Add(value);
            sum += value;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _stream.Dispose();
    }

    private bool Fill()
    {
        _next = 0;
        _available = _source.Take(_received);
        return _available > 0;
    }

    private void Acknowledge(byte sign)
    {
        if (!NoAcknowledgements)
            Write([sign]);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_broken)
            return;
        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _broken = true;
        }
    }
}
