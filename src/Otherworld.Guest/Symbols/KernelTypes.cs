using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Symbols;

/// <summary>The types of a kernel, from the BTF of its unstripped file: how large its structures are, and where their members lie.</summary>
public sealed class KernelTypes
{
    private const string Section = ".BTF";
    private const int Deepest = 32; // typedefs and qualifiers around a type, structs around a member

    private readonly List<BtfType> _types;
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Type, string Path), BtfField> _fields = [];
    private readonly string _name;

    private KernelTypes(FileBytes section)
    {
        _name = section.Name;
        _types = new BtfReader(section).ReadAll();
        for (int i = 1; i < _types.Count; i++)
        {
            if (_types[i].Kind is BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 && _types[i].Name.Length != 0)
                _byName.TryAdd(_types[i].Name, i);
        }
    }

    /// <summary>Reads an unstripped vmlinux.</summary>
    /// <exception cref="OtherworldException">It is missing, foreign or damaged, or has no BTF.</exception>
    public static KernelTypes Load(string path)
    {
        ElfFile elf = new(FileBytes.Load(path, "unstripped kernel"));
        if (!elf.TryFindSection(Section, out ElfSection section))
            throw new OtherworldException($"'{path}' has no {Section} section: it was built without CONFIG_DEBUG_INFO_BTF. Give the vmlinux.debug of the image, or add BTF with pahole.", 3);
        return new KernelTypes(new FileBytes(path, elf.Content(section).ToArray()));
    }

    /// <summary>Reads the bytes of a <c>.BTF</c> section.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="section">The bytes.</param>
    /// <exception cref="OtherworldException">They are damaged.</exception>
    public static KernelTypes Of(string name, ReadOnlyMemory<byte> section) => new(new FileBytes(name, section));

    /// <summary>Bytes of a struct, union or enumeration.</summary>
    /// <exception cref="OtherworldException">The kernel has none of that name.</exception>
    public int SizeOf(string name) => SizeOf(Find(name));

    /// <summary>Bytes from the beginning of a struct to a member of it, or of a member's member: <c>f_path.dentry</c>.</summary>
    /// <exception cref="OtherworldException">The kernel has no such struct or member.</exception>
    public ulong OffsetOf(string structure, string path) => FieldOf(Find(structure), path).Offset;

    /// <summary>The names of an enumeration with their values, as declared.</summary>
    /// <exception cref="OtherworldException">The kernel has no such enumeration.</exception>
    public IReadOnlyList<(string Name, long Value)> ValuesOf(string enumeration) => _types[Find(enumeration)].Values;

    /// <summary>The number of a struct, union or enumeration.</summary>
    internal int Find(string name) => _byName.TryGetValue(name, out int type)
        ? type
        : throw new OtherworldException($"'{_name}' has no type '{name}': it belongs to a kernel that this program does not know.");

    /// <summary>Whether a struct has a member.</summary>
    internal bool Has(int structure, string path) => TryField(structure, path, out _);

    /// <summary>Where a member of a struct is, or a member's member; unnamed structs and unions inside are looked through.</summary>
    internal BtfField FieldOf(int structure, string path) => TryField(structure, path, out BtfField field)
        ? field
        : throw new OtherworldException($"'{_name}': struct {_types[structure].Name} has no member '{path}': it belongs to a kernel that this program does not know.");

    /// <summary>The type without typedefs and qualifiers.</summary>
    internal BtfType Plain(int type) => _types[PlainNumber(type)];

    /// <summary>The number of what a pointer or an array is of, without typedefs and qualifiers.</summary>
    internal int TargetOf(int type) => PlainNumber(Plain(type).Reference);

    /// <summary>Bytes of a type.</summary>
    internal int SizeOf(int type) => SizeOf(type, 0);

    /// <summary>The number of a type without typedefs and qualifiers.</summary>
    internal int PlainNumber(int type)
    {
        for (int depth = 0; depth < Deepest && type > 0 && type < _types.Count; depth++)
        {
            if (_types[type].Kind is not (BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.TypeTag))
                return type;
            type = _types[type].Reference;
        }

        return type == 0 ? 0 : throw new OtherworldException($"'{_name}': its BTF is damaged at type {type}.");
    }

    private int SizeOf(int type, int depth)
    {
        BtfType plain = depth < Deepest ? Plain(type) : throw new OtherworldException($"'{_name}': its BTF is damaged at type {type}.");
        return plain.Kind switch
        {
            BtfKind.Pointer => 8,
            BtfKind.Array => plain.Size * SizeOf(plain.Reference, depth + 1),
            BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float => plain.Size,
            _ => 1,
        };
    }

    private bool TryField(int structure, string path, out BtfField field)
    {
        if (_fields.TryGetValue((structure, path), out field))
            return true;
        field = new BtfField(structure, 0, 0);
        foreach (string part in path.Split('.'))
        {
            if (!TryMember(PlainNumber(field.Type), part, 0, out BtfField member))
                return false;
            field = member with { BitOffset = field.BitOffset + member.BitOffset };
        }

        _fields.Add((structure, path), field);
        return true;
    }

    private bool TryMember(int structure, string name, int depth, out BtfField field)
    {
        foreach (BtfMember member in _types[structure].Members)
        {
            if (member.Name == name)
            {
                field = new BtfField(member.Type, member.BitOffset, member.Bits);
                return true;
            }

            if (member.Name.Length == 0 && depth < Deepest && TryMember(PlainNumber(member.Type), name, depth + 1, out field))
            {
                field = field with { BitOffset = field.BitOffset + member.BitOffset };
                return true;
            }
        }

        field = default;
        return false;
    }
}
