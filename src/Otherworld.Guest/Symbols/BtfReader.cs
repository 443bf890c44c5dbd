using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Symbols;

/// <summary>Reads a <c>.BTF</c> section (Linux Documentation/bpf/btf.rst): a header, then types one behind the other, then strings. What is damaged is told in one line.</summary>
internal sealed class BtfReader
{
    private const ushort Magic = 0xEB9F;
    private const int HeaderSize = 24;
    private const int MostMembers = 0xFFFF;

    private readonly FileBytes _file;
    private readonly ulong _strings;
    private readonly ulong _end;
    private ulong _at;

    /// <param name="section">The section's bytes.</param>
    public BtfReader(FileBytes section)
    {
        _file = section;
        if (section.Length < HeaderSize || section.U16(0) != Magic || section.U8(2) != 1)
            throw new OtherworldException($"'{section.Name}': its .BTF section is not of version 1, or damaged.");
        uint header = section.U32(4);
        _at = header + section.U32(8);
        _end = _at + section.U32(12);
        _strings = header + section.U32(16);
        if (_end > section.Length || _strings > section.Length)
            throw new OtherworldException($"'{section.Name}': its .BTF section is truncated.");
    }

    /// <summary>All types; number 0 is void.</summary>
    public List<BtfType> ReadAll()
    {
        List<BtfType> types = [new BtfType(BtfKind.Void, "", 0, 0, false, [], [])];
        while (_at < _end)
            types.Add(ReadType());
        return types;
    }

    private BtfType ReadType()
    {
        string name = Name(Next());
        uint info = Next();
        int sizeOrType = (int)Next();
        int count = (int)(info & MostMembers);
        bool flag = info >> 31 != 0;
        var kind = (BtfKind)((info >> 24) & 0x1F);
        BtfType type = new(kind, name, sizeOrType, sizeOrType, false, [], []);
        switch (kind)
        {
            case BtfKind.Int:
                return type with { IsSigned = (Next() >> 24 & 1) != 0 };
            case BtfKind.Array:
                int element = (int)Next();
                Skip(1);
                return type with { Reference = element, Size = (int)Next() };
            case BtfKind.Struct or BtfKind.Union:
                return type with { Members = Repeat(count, () => ReadMember(flag)) };
            case BtfKind.Enum:
                return type with { IsSigned = flag, Values = Repeat(count, () => (Name(Next()), flag ? (int)Next() : (long)Next())) };
            case BtfKind.Enum64:
                return type with { IsSigned = flag, Values = Repeat(count, () => (Name(Next()), (long)(Next() | ((ulong)Next() << 32)))) };
            case BtfKind.FunctionPrototype:
                Skip(2 * count);
                return type;
            case BtfKind.DataSection:
                Skip(3 * count);
                return type;
            case BtfKind.Variable or BtfKind.DeclarationTag:
                Skip(1);
                return type;
            case BtfKind.Pointer or BtfKind.Forward or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Function or BtfKind.Float or BtfKind.TypeTag:
                return type;
            default:
                throw new OtherworldException($"'{_file.Name}': its .BTF section has a type of kind {(int)kind}, which is not known. Use the program that belongs to this kernel.");
        }
    }

    private BtfMember ReadMember(bool hasBits)
    {
        string name = Name(Next());
        int type = (int)Next();
        uint place = Next();
        return hasBits ? new BtfMember(name, type, (int)(place & 0xFF_FFFF), (int)(place >> 24)) : new BtfMember(name, type, (int)place, 0);
    }

    private static List<T> Repeat<T>(int count, Func<T> read)
    {
        List<T> all = new(count);
        for (int i = 0; i < count; i++)
            all.Add(read());
        return all;
    }

    private uint Next()
    {
        uint value = _file.U32(_at);
        _at += 4;
        return value;
    }

    private void Skip(int words) => _at += 4 * (ulong)words;

    private string Name(uint offset) => offset == 0 ? "" : _file.Text(_strings + offset);
}
