using System.Globalization;

namespace Emu.Core.Devices.Network;

/// <summary>The hardware address of a network card: 48 bits, the first byte on the wire being the highest here.</summary>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Bytes of an address.</summary>
    public const int Length = 6;

    private const ulong Group = 1UL << 40; // the lowest bit of the first byte (IEEE 802, 8.2)

    /// <summary>Reads <c>02:00:00:00:00:01</c>.</summary>
    /// <exception cref="OtherworldException">It is no address, or one of a group, which no card can have.</exception>
    public static MacAddress Parse(string text)
    {
        string[] bytes = text.Split(':');
        ulong value = 0;
        foreach (string part in bytes)
        {
            if (bytes.Length != Length || part.Length != 2 || !byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte digits))
                throw new OtherworldException($"'{text}' is not the address of a network card. Write it as 02:00:00:00:00:01.");
            value = (value << 8) | digits;
        }

        if ((value & Group) != 0 || value == 0)
            throw new OtherworldException($"no network card can have the address '{text}': its first byte must be even, and not all of it zero.");
        return new MacAddress(value);
    }

    /// <summary>Writes the six bytes as they stand on the wire.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        for (int i = 0; i < Length; i++)
            bytes[i] = (byte)(Value >> (8 * (Length - 1 - i)));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return string.Join(':', Convert.ToHexStringLower(bytes).Chunk(2).Select(digits => new string(digits)));
    }
}
