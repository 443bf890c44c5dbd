using System.Text;
using Emu.Core.Devices;
using Emu.Core.Machine;

namespace Emu.Core.Host;

/// <summary>
/// Passes bytes on and stops the machine with <see cref="StopReason.Text"/> when a text has gone by, at the very instruction that wrote its last
/// byte: so the stop is as reproducible as the output.
/// </summary>
public sealed class TextWatch : IByteSink
{
    private readonly IByteSink _next;
    private StopLatch? _stop;
    private byte[] _text = [];
    private int[] _fallback = [];
    private int _matched;

    /// <param name="next">Where the bytes go.</param>
    public TextWatch(IByteSink next) => _next = next;

    /// <summary>Times the text has gone by since <see cref="WaitFor"/>.</summary>
    public int Seen { get; private set; }

    /// <summary>Waits for a text from now on; an empty one for nothing.</summary>
    public void WaitFor(string text, StopLatch stop)
    {
        _stop = stop;
        _text = Encoding.UTF8.GetBytes(text);
        _fallback = Fallbacks(_text);
        _matched = 0;
        Seen = 0;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _next.Write(bytes);
        foreach (byte value in bytes)
            Look(value);
    }

    /// <summary>For each prefix, the longest proper prefix of the text that it ends with (Knuth, Morris, Pratt).</summary>
    private static int[] Fallbacks(ReadOnlySpan<byte> text)
    {
        int[] fallback = new int[text.Length + 1];
        for (int i = 1, matched = 0; i < text.Length; i++)
        {
            while (matched > 0 && text[i] != text[matched])
                matched = fallback[matched];
            if (text[i] == text[matched])
                matched++;
            fallback[i + 1] = matched;
        }

        return fallback;
    }

    private void Look(byte value)
    {
        if (_text.Length == 0)
            return;
        while (_matched > 0 && (_matched == _text.Length || _text[_matched] != value))
            _matched = _fallback[_matched];
        if (_text[_matched] == value)
            _matched++;
        if (_matched < _text.Length)
            return;
        Seen++;
        _stop?.Request(StopReason.Text);
    }
}
