namespace Emu.Core.Host;

/// <summary>Takes the escape commands out of what a person types: Ctrl-A x leaves, Ctrl-A Ctrl-A (or Ctrl-A a) sends one Ctrl-A.</summary>
public sealed class EscapeFilter
{
    private const byte Escape = 0x01;
    private bool _escaped;

    /// <summary>The person wants to leave.</summary>
    public bool Quit { get; private set; }

    /// <summary>Filters in place.</summary>
    /// <returns>How many bytes remain, at the front.</returns>
    public int Filter(Span<byte> bytes)
    {
        int kept = 0;
        foreach (byte value in bytes)
        {
            if (!_escaped && value == Escape)
            {
                _escaped = true;
                continue;
            }

            if (_escaped)
            {
                _escaped = false;
                if (value is (byte)'x' or (byte)'X')
                {
                    Quit = true;
                    break;
                }

                if (value is not (Escape or (byte)'a'))
                    continue; // an unknown command is swallowed, not typed
                bytes[kept++] = Escape;
                continue;
            }

            bytes[kept++] = value;
        }

        return kept;
    }
}
