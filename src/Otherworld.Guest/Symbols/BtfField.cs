namespace Otherworld.Guest.Symbols;

/// <summary>Where something lies inside a struct.</summary>
/// <param name="Type">Number of its type.</param>
/// <param name="BitOffset">Where it begins.</param>
/// <param name="Bits">Length of a bit field; 0 for a member of its type's size.</param>
internal readonly record struct BtfField(int Type, int BitOffset, int Bits)
{
    /// <summary>Bytes before it.</summary>
    public ulong Offset => (ulong)(BitOffset / 8);
}
