using System.Globalization;

namespace Emu.Core.Snapshots;

/// <summary>128-bit hashes as text.</summary>
internal static class HexHash
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public static string Format(UInt128 hash) => hash.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Reads <see cref="Format"/>.</summary>
    /// <exception cref="FormatException">It is no hash.</exception>
    public static UInt128 Parse(string text) =>
        text.Length == 32 ? UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : throw new FormatException($"'{text}' is not a hash");
}
