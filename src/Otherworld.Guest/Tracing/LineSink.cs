using System.Text;
using Emu.Core.Devices;

namespace Otherworld.Guest.Tracing;

/// <summary>Hands on what is written as lines, each when its end is written.</summary>
/// <param name="line">Gets them, without their ends.</param>
internal sealed class LineSink(Action<string> line) : IByteSink
{
    private const int Longest = 1024;

    private readonly Action<string> _line = line;
    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        foreach (byte letter in bytes)
        {
            if (letter == (byte)'\n')
            {
                _line(_text.ToString());
                _text.Clear();
            }
            else if (letter is >= 0x20 and < 0x7F && _text.Length < Longest)
            {
                _text.Append((char)letter);
            }
        }
    }
}
