using System.Buffers;
using System.Globalization;

namespace Otherworld.Guest.Debugging;

/// <summary>Hexadecimal digits as packets carry them.</summary>
internal static class Hex
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The value of a digit; negative for what is none.</summary>
    public static int Digit(byte digit) => char.IsAsciiHexDigit((char)digit) ? Convert.ToInt32(((char)digit).ToString(), 16) : -1;

    /// <summary>A number in hexadecimal digits, at most 64 bits.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    /// <summary><c>ADDRESS,LENGTH</c>, where the length is at most what a packet holds.</summary>
    public static bool TryRange(ReadOnlySpan<char> text, out ulong address, out int length)
    {
        int comma = text.IndexOf(',');
        length = 0;
        address = 0;
        if (comma < 0 || !TryNumber(text[..comma], out address) || !TryNumber(text[(comma + 1)..], out ulong wanted) || wanted > PacketReader.Longest)
            return false;
        length = (int)wanted;
        return true;
    }

    /// <summary>Bytes in pairs of digits.</summary>
    public static bool TryBytes(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 2 != 0 || text.ContainsAnyExcept(Digits))
            return false;
        bytes = Convert.FromHexString(text);
        return true;
    }
}
