using System.Globalization;
using System.Runtime.InteropServices;
using Emu.Core.Memory;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>Compares snapshots: fields by name, pages as ranges.</summary>
public static class SnapshotDiff
{
    private const string Absent = "absent";

    /// <summary>Compares two files. Only the lists of pages are read, not the pages.</summary>
    public static IReadOnlyList<SnapshotDifference> Compare(string before, string after)
    {
        var first = SnapshotContents.Open(before);
        var second = SnapshotContents.Open(after);
        return [.. Compare(first.Parts, second.Parts), .. Compare(first.Tables, second.Tables)];
    }

    /// <summary>Compares two snapshots in memory.</summary>
    public static IReadOnlyList<SnapshotDifference> Compare(MemorySnapshot before, MemorySnapshot after) =>
        [.. Compare(before.Parts, after.Parts), .. Compare(before.PageTables(), after.PageTables())];

    /// <summary>Compares state structs field by field.</summary>
    internal static IEnumerable<SnapshotDifference> Compare(IReadOnlyList<PartImage> before, IReadOnlyList<PartImage> after)
    {
        foreach (PartImage part in before)
        {
            PartImage? other = after.FirstOrDefault(candidate => candidate.Id == part.Id);
            if (other is null)
                yield return new SnapshotDifference(part.Id, $"{part.Bytes.Length} bytes", Absent);
            else if (other.Schema.Hash != part.Schema.Hash)
                yield return new SnapshotDifference(part.Id + " layout", HexHash.Format(part.Schema.Hash), HexHash.Format(other.Schema.Hash));
            foreach (SnapshotDifference difference in other is null ? [] : CompareFields(part, other))
                yield return difference;
        }

        foreach (PartImage part in after.Where(part => before.All(other => other.Id != part.Id)))
            yield return new SnapshotDifference(part.Id, Absent, $"{part.Bytes.Length} bytes");
    }

    /// <summary>Fields that both layouts have by name; those of one layout only are reported as such.</summary>
    private static IEnumerable<SnapshotDifference> CompareFields(PartImage before, PartImage after)
    {
        var others = after.Schema.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        foreach (StateField field in before.Schema.Fields)
        {
            string name = $"{before.Id}.{field.Name}";
            if (!others.Remove(field.Name, out StateField? other))
            {
                yield return new SnapshotDifference(name, Format(before.Bytes, field, 0), Absent);
                continue;
            }

            for (int i = 0; i < Math.Max(field.Count, other.Count); i++)
            {
                string left = i < field.Count ? Format(before.Bytes, field, i) : Absent;
                string right = i < other.Count ? Format(after.Bytes, other, i) : Absent;
                if (left != right)
                    yield return new SnapshotDifference(field.IsArray ? $"{name}[{i}]" : name, left, right);
            }
        }

        foreach (StateField field in others.Values)
            yield return new SnapshotDifference($"{before.Id}.{field.Name}", Absent, Format(after.Bytes, field, 0));
    }

    private static string Format(byte[] bytes, StateField field, int index)
    {
        ReadOnlySpan<byte> value = bytes.AsSpan(field.Offset + (index * field.Size), field.Size);
        return field.Type switch
        {
            "f32" => MemoryMarshal.Read<float>(value).ToString("R", CultureInfo.InvariantCulture),
            "f64" => MemoryMarshal.Read<double>(value).ToString("R", CultureInfo.InvariantCulture),
            "bool" => value[0] == 0 ? "false" : "true",
            "i8" => ((sbyte)value[0]).ToString(CultureInfo.InvariantCulture),
            "i16" => MemoryMarshal.Read<short>(value).ToString(CultureInfo.InvariantCulture),
            "i32" => MemoryMarshal.Read<int>(value).ToString(CultureInfo.InvariantCulture),
            "i64" => MemoryMarshal.Read<long>(value).ToString(CultureInfo.InvariantCulture),
            _ => FormatHex(value),
        };
    }

    private static string FormatHex(ReadOnlySpan<byte> value)
    {
        UInt128 number = 0;
        for (int i = value.Length - 1; i >= 0; i--)
            number = (number << 8) | value[i];
        return "0x" + number.ToString("X", CultureInfo.InvariantCulture);
    }

    private static IEnumerable<SnapshotDifference> Compare(IReadOnlyList<PageTable> before, IReadOnlyList<PageTable> after)
    {
        foreach (string name in before.Concat(after).Select(table => table.Name).Distinct(StringComparer.Ordinal))
        {
            PageTable? first = before.FirstOrDefault(table => table.Name == name);
            PageTable? second = after.FirstOrDefault(table => table.Name == name);
            foreach (SnapshotDifference difference in ComparePages(name, Index(first), Index(second)))
                yield return difference;
        }
    }

    private static SortedDictionary<ulong, UInt128> Index(PageTable? table)
    {
        var index = new SortedDictionary<ulong, UInt128>();
        for (int i = 0; i < (table?.Numbers.Length ?? 0); i++)
            index.Add(table!.Numbers[i], table.Addresses[i]);
        return index;
    }

    /// <summary>Neighbouring pages with the same kind of change make one range.</summary>
    private static IEnumerable<SnapshotDifference> ComparePages(string name, SortedDictionary<ulong, UInt128> before, SortedDictionary<ulong, UInt128> after)
    {
        (ulong First, ulong Last, string Before, string After)? range = null;
        foreach (ulong number in before.Keys.Union(after.Keys).Order())
        {
            bool had = before.TryGetValue(number, out UInt128 old);
            bool has = after.TryGetValue(number, out UInt128 now);
            if (had == has && old == now)
                continue;
            (string Before, string After) kind = (Kind(name, had), Kind(name, has));
            if (range is { } open && open.Last + 1 == number && (open.Before, open.After) == kind)
            {
                range = open with { Last = number };
                continue;
            }

            if (range is { } closed)
                yield return Describe(name, closed);
            range = (number, number, kind.Before, kind.After);
        }

        if (range is { } last)
            yield return Describe(name, last);
    }

    private static string Kind(string name, bool present) => present ? "data" : name == "ram" ? "zero" : Absent;

    private static SnapshotDifference Describe(string name, (ulong First, ulong Last, string Before, string After) range)
    {
        ulong first = range.First * PageStore.PageSize;
        ulong last = (range.Last * PageStore.PageSize) + PageStore.PageSize - 1;
        if (name == "ram")
            (first, last) = (GuestMemory.PhysicalOf(first), GuestMemory.PhysicalOf(last));
        ulong count = range.Last - range.First + 1;
        string after = range.After == "data" && range.Before == "data" ? "changed" : range.After;
        return new SnapshotDifference(string.Create(CultureInfo.InvariantCulture, $"{name} 0x{first:x8}-0x{last:x8} ({count} {(count == 1 ? "page" : "pages")})"), range.Before, after);
    }
}
