using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core.Host;

namespace Otherworld.Guest.Qmp;

/// <summary>One client: JSON values in, one line of JSON for each answer and event out. A client that is gone receives nothing and sends nothing, without an exception.</summary>
internal sealed class QmpConnection : IDisposable
{
    private const int LongestMessage = 1 << 16;

    private readonly Stream _stream;
    private readonly StreamSource _source;
    private readonly byte[] _received = new byte[LongestMessage];
    private int _count;
    private bool _broken;

    /// <param name="stream">Both directions; disposed with the connection.</param>
    public QmpConnection(Stream stream)
    {
        _stream = stream;
        _source = new StreamSource(stream);
    }

    /// <summary>The client is gone, or was left.</summary>
    public bool IsClosed => _broken || _source.Ended;

    /// <summary>Takes the next value that the client has sent, if it is there whole.</summary>
    /// <param name="wait">How long to wait for something.</param>
    /// <param name="message">The value; it is for the caller to dispose.</param>
    /// <exception cref="QmpError">What came is no JSON; all of it is forgotten.</exception>
    public bool TryReceive(TimeSpan wait, [NotNullWhen(true)] out JsonDocument? message)
    {
        message = null;
        if (_broken)
            return false;
        if (TryParse(out message))
            return true;
        if (IsClosed)
            return false;
        if (wait > TimeSpan.Zero)
            _source.Wait(wait);
        int taken = _source.Take(_received.AsSpan(_count));
        _count += taken;
        return taken > 0 && TryParse(out message);
    }

    /// <summary>Sends an answer or an event.</summary>
    public void Send(JsonObject message)
    {
        if (_broken)
            return;
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(message.ToJsonString() + "\r\n"));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _broken = true;
        }
    }

    /// <summary>Nothing more is wanted from this client.</summary>
    public void Leave() => _broken = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _stream.Dispose();
    }

    private bool TryParse([NotNullWhen(true)] out JsonDocument? message)
    {
        message = null;
        ReadOnlySpan<byte> text = _received.AsSpan(0, _count);
        int start = text.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0)
        {
            _count = 0;
            return false;
        }

        try
        {
            Utf8JsonReader reader = new(text[start..], isFinalBlock: false, state: default);
            if (JsonDocument.TryParseValue(ref reader, out message))
                Drop(start + (int)reader.BytesConsumed);
        }
        catch (JsonException)
        {
            Drop(_count);
            throw new QmpError("JSON parse error");
        }

        if (message is null && _count == LongestMessage)
        {
            Leave();
            throw new QmpError("the message is too long");
        }

        if (message is not null && !IsText(message.RootElement))
        {
            message.Dispose();
            throw new QmpError("JSON parse error: a string that is no text");
        }

        return message is not null;
    }

    /// <summary>All names and strings can be read: JSON has also such with half a surrogate pair, or bytes that are no UTF-8.</summary>
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Object => value.EnumerateObject().All(member => member.Name is not null && IsText(member.Value)),
                JsonValueKind.Array => value.EnumerateArray().All(IsText),
                JsonValueKind.String => value.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void Drop(int bytes)
    {
        _received.AsSpan(bytes, _count - bytes).CopyTo(_received);
        _count -= bytes;
    }
}
