using Emu.Core;

namespace Otherworld.Guest.Elf;

/// <summary>Reads what boot loaders and symbol tables need of an ELF file: headers, notes, sections. 32 and 64 bit, little endian, x86 only.</summary>
public sealed class ElfFile
{
    /// <summary>PT_LOAD.</summary>
    public const uint LoadType = 1;

    /// <summary>PT_NOTE.</summary>
    public const uint NoteType = 4;

    private const uint Magic = 0x464C457F;
    private const int MostHeaders = 4096;
    private readonly FileBytes _file;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="OtherworldException">Not an ELF file for x86, or truncated.</exception>
    public ElfFile(FileBytes file)
    {
        _file = file;
        if (!IsElf(file))
            throw new OtherworldException($"'{file.Name}' is not an ELF file. Give an ELF kernel or a bzImage.");
        Is64 = file.U8(4) switch
        {
            1 => false,
            2 => true,
            byte other => throw new OtherworldException($"'{file.Name}' has ELF class {other}; 1 (32 bit) or 2 (64 bit) is wanted."),
        };
        if (file.U8(5) != 1)
            throw new OtherworldException($"'{file.Name}' is a big-endian ELF file, so it is not for x86.");
        Machine = file.U16(18);
        if (Machine != (Is64 ? 62 : 3))
            throw new OtherworldException($"'{file.Name}' is an ELF file for machine {Machine}; 62 (x86-64) or 3 (i386) is wanted.");
        Entry = Word(24, 24);
        Segments = ReadSegments();
        Sections = ReadSections();
    }

    /// <summary>ELFCLASS64.</summary>
    public bool Is64 { get; }

    /// <summary>e_machine: 62 is x86-64, 3 is i386.</summary>
    public ushort Machine { get; }

    /// <summary>e_entry.</summary>
    public ulong Entry { get; }

    /// <summary>The program headers.</summary>
    public IReadOnlyList<ElfSegment> Segments { get; }

    /// <summary>The section headers; empty in a fully stripped file.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>The bytes it was read from.</summary>
    public FileBytes File => _file;

    /// <summary>The file begins like an ELF file.</summary>
    public static bool IsElf(FileBytes file) => file.Length >= 4 && file.U32(0) == Magic;

    /// <summary>A segment's bytes in the file.</summary>
    /// <exception cref="OtherworldException">The file ends before them.</exception>
    public ReadOnlySpan<byte> Content(in ElfSegment segment) => _file.Slice(segment.Offset, segment.FileSize);

    /// <summary>A section's bytes; empty for one that takes no room in the file.</summary>
    public ReadOnlySpan<byte> Content(in ElfSection section) => section.Type == 8 ? default : _file.Slice(section.Offset, section.Size);

    /// <summary>The section of a name.</summary>
    public bool TryFindSection(string name, out ElfSection section)
    {
        foreach (ElfSection candidate in Sections)
        {
            if (candidate.Name == name)
            {
                section = candidate;
                return true;
            }
        }

        section = default;
        return false;
    }

    /// <summary>All notes of all PT_NOTE segments, in file order.</summary>
    public IEnumerable<ElfNote> Notes()
    {
        foreach (ElfSegment segment in Segments)
        {
            if (segment.Type != NoteType)
                continue;
            int start = Content(segment).IsEmpty ? 0 : (int)segment.Offset;
            ulong end = (ulong)start + segment.FileSize;
            for (ulong at = (ulong)start; at + 12 <= end;)
            {
                uint nameSize = _file.U32(at), size = _file.U32(at + 4), type = _file.U32(at + 8);
                ulong description = at + 12 + Align4(nameSize);
                string owner = System.Text.Encoding.ASCII.GetString(_file.Slice(at + 12, nameSize)).TrimEnd('\0');
                yield return new ElfNote(owner, type, _file.Slice(description, size).ToArray());
                at = description + Align4(size);
            }
        }
    }

    private static ulong Align4(uint size) => (size + 3UL) & ~3UL;

    private ElfSegment[] ReadSegments()
    {
        ulong table = Word(28, 32);
        int size = Is64 ? 56 : 32;
        int count = _file.U16(Is64 ? 56UL : 44);
        RequireTable("program", _file.U16(Is64 ? 54UL : 42), size, count);
        ElfSegment[] segments = new ElfSegment[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = Row(table, i, size);
            segments[i] = Is64
                ? new ElfSegment(U32(row, 0), U64(row, 8), U64(row, 16), U64(row, 24), U64(row, 32), U64(row, 40))
                : new ElfSegment(U32(row, 0), U32(row, 4), U32(row, 8), U32(row, 12), U32(row, 16), U32(row, 20));
        }

        return segments;
    }

    private ElfSection[] ReadSections()
    {
        ulong table = Word(32, 40);
        int size = Is64 ? 64 : 40;
        int count = _file.U16(Is64 ? 60UL : 48);
        if (table == 0 || count == 0)
            return [];
        RequireTable("section", _file.U16(Is64 ? 58UL : 46), size, count);
        (uint Name, ElfSection Section)[] rows = new (uint, ElfSection)[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> row = Row(table, i, size);
            ElfSection section = Is64
                ? new ElfSection("", U32(row, 4), U64(row, 16), U64(row, 24), U64(row, 32), U32(row, 40))
                : new ElfSection("", U32(row, 4), U32(row, 12), U32(row, 16), U32(row, 20), U32(row, 24));
            rows[i] = (U32(row, 0), section);
        }

        int names = _file.U16(Is64 ? 62UL : 50);
        ulong strings = names < count ? rows[names].Section.Offset : _file.Length;
        return [.. rows.Select(row => row.Section with { Name = strings <= _file.Length ? _file.Text(strings + row.Name) : "" })];
    }

    private void RequireTable(string what, int given, int wanted, int count)
    {
        if (count != 0 && given != wanted)
            throw new OtherworldException($"'{_file.Name}' is damaged: its {what} headers have {given} bytes each, {wanted} are wanted.");
        if (count > MostHeaders)
            throw new OtherworldException($"'{_file.Name}' is damaged: it claims {count} {what} headers.");
    }

    private ReadOnlySpan<byte> Row(ulong table, int index, int size)
    {
        ulong offset = (ulong)index * (ulong)size;
        return _file.Slice(table > _file.Length ? _file.Length : table + offset, (ulong)size);
    }

    private ulong Word(ulong offset32, ulong offset64) => Is64 ? _file.U64(offset64) : _file.U32(offset32);

    private static uint U32(ReadOnlySpan<byte> row, int offset) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(row[offset..]);

    private static ulong U64(ReadOnlySpan<byte> row, int offset) => System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(row[offset..]);
}
