using System.Buffers.Binary;
using System.Numerics;

namespace Emu.Core.Snapshots;

/// <summary>
/// The pages of one run of 512 page numbers: a bitmap of 64 bytes, then the addresses of those present. A leaf is stored by its content like a
/// page, so that snapshots share what lies between them unchanged.
/// </summary>
internal static class PageLeaf
{
    /// <summary>Page numbers one leaf spans: 2 MiB.</summary>
    public const int Span = 512;

    /// <summary>Largest leaf.</summary>
    public const int MaxLength = BitmapLength + (Span * AddressLength);

    private const int BitmapLength = Span / 8;
    private const int AddressLength = 16;

    /// <summary>Cuts a table into leaves.</summary>
    public static IEnumerable<(ulong Index, byte[] Leaf)> Cut(PageTable table)
    {
        for (int first = 0; first < table.Numbers.Length;)
        {
            ulong index = table.Numbers[first] / Span;
            int count = 0;
            while (first + count < table.Numbers.Length && table.Numbers[first + count] / Span == index)
                count++;
            var leaf = new byte[BitmapLength + (count * AddressLength)];
            for (int i = 0; i < count; i++)
            {
                var bit = (int)(table.Numbers[first + i] % Span);
                leaf[bit / 8] |= (byte)(1 << (bit % 8));
                BinaryPrimitives.WriteUInt128LittleEndian(leaf.AsSpan(BitmapLength + (i * AddressLength)), table.Addresses[first + i]);
            }

            yield return (index, leaf);
            first += count;
        }
    }

    /// <summary>Lists what a leaf holds.</summary>
    /// <exception cref="InvalidDataException">It is no leaf.</exception>
    public static void Read(ulong index, ReadOnlySpan<byte> leaf, List<ulong> numbers, List<UInt128> addresses)
    {
        int present = 0;
        for (int i = 0; i < BitmapLength && i < leaf.Length; i++)
            present += BitOperations.PopCount(leaf[i]);
        if (leaf.Length != BitmapLength + (present * AddressLength) || present == 0)
            throw new InvalidDataException("a leaf has a wrong length");
        ReadOnlySpan<byte> rest = leaf[BitmapLength..];
        for (int bit = 0; bit < Span; bit++)
        {
            if ((leaf[bit / 8] & (1 << (bit % 8))) == 0)
                continue;
            numbers.Add((index * Span) + (ulong)bit);
            addresses.Add(BinaryPrimitives.ReadUInt128LittleEndian(rest));
            rest = rest[AddressLength..];
        }
    }
}
