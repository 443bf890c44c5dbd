using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Emu.Core.Snapshots;

/// <summary>The hash of a whole machine state.</summary>
internal static class SnapshotHash
{
    /// <summary>Sections with their names and layouts, then page tables with their names.</summary>
    public static UInt128 Of(IReadOnlyList<PartImage> parts, IReadOnlyList<PageTable> tables)
    {
        var hash = new XxHash128();
        foreach (PartImage part in parts)
        {
            Append(hash, part.Id);
            Append(hash, part.Schema.Hash);
            hash.Append(part.Bytes);
        }

        foreach (PageTable table in tables)
        {
            Append(hash, table.Name);
            Append(hash, (UInt128)table.Numbers.Length);
            for (int i = 0; i < table.Numbers.Length; i++)
            {
                Append(hash, table.Numbers[i]);
                Append(hash, table.Addresses[i]);
            }
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private static void Append(XxHash128 hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, (UInt128)bytes.Length);
        hash.Append(bytes);
    }

    private static void Append(XxHash128 hash, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        hash.Append(bytes);
    }
}
