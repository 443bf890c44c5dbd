using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Hashing;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>
/// The layout of a state struct, flattened to its primitive fields. Its text is stored with every snapshot, addressed by its own hash, so that a
/// snapshot can be read and compared by a program whose structs have changed.
/// </summary>
public sealed class StateSchema
{
    private const string NotTrimmed = "Nothing of the assemblies with state structs is trimmed (src/Directory.Build.props).";

    private StateSchema(IReadOnlyList<StateField> fields, int size)
    {
        Fields = fields;
        Size = size;
        Text = Format(fields, size);
        Hash = XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(Text));
    }

    /// <summary>Ascending by offset.</summary>
    public IReadOnlyList<StateField> Fields { get; }

    /// <summary>Bytes of the struct.</summary>
    public int Size { get; }

    /// <summary>One line per field: <c>offset type name</c>, with <c>type[count]</c> for arrays; the first line is the size.</summary>
    public string Text { get; }

    /// <summary>XxHash128 of the text in UTF-8: the layout hash.</summary>
    public UInt128 Hash { get; }

    /// <summary>The schema of a state struct.</summary>
    public static StateSchema Of([DynamicallyAccessedMembers(StateFields.Kept)] Type type)
    {
        var fields = new List<StateField>();
        Flatten(type, "", 0, fields);
        return new StateSchema(fields, SizeOf(type));
    }

    /// <summary>Reads what <see cref="Text"/> gave.</summary>
    /// <exception cref="FormatException">It is no schema.</exception>
    public static StateSchema Parse(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var fields = new List<StateField>();
        foreach (string line in lines.Skip(1))
        {
            string[] parts = line.Split(' ');
            if (parts.Length != 3)
                throw new FormatException($"'{line}' is not a field");
            int bracket = parts[1].IndexOf('[', StringComparison.Ordinal);
            string type = bracket < 0 ? parts[1] : parts[1][..bracket];
            int count = bracket < 0 ? 1 : int.Parse(parts[1][(bracket + 1)..^1], CultureInfo.InvariantCulture);
            fields.Add(new StateField(parts[2], int.Parse(parts[0], CultureInfo.InvariantCulture), type, PrimitiveSize(type), count, bracket >= 0));
        }

        var schema = new StateSchema(fields, int.Parse(lines[0], CultureInfo.InvariantCulture));
        return schema.Text == text ? schema : throw new FormatException("not in canonical form");
    }

    private static string Format(IEnumerable<StateField> fields, int size)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{size}\n");
        foreach (StateField field in fields)
            text.Append(CultureInfo.InvariantCulture, $"{field.Offset} {field.Type}{(field.IsArray ? $"[{field.Count}]" : "")} {field.Name}\n");
        return text.ToString();
    }

    private static void Flatten(Type type, string name, int offset, List<StateField> fields)
    {
        if (PrimitiveName(type) is { } primitive)
        {
            fields.Add(new StateField(name, offset, primitive, SizeOf(type), 1, false));
            return;
        }

        if (type.GetCustomAttribute<InlineArrayAttribute>() is { } array)
        {
            FlattenArray(InstanceFields(type)[0].FieldType, array.Length, name, offset, fields);
            return;
        }

        FieldInfo[] all = InstanceFields(type);
        Check.That(all.Length > 0, $"{type} has lost its fields");
        foreach ((FieldInfo field, int at) in all.Select(field => (field, OffsetOf(type, field))).OrderBy(pair => pair.Item2))
        {
            string path = name.Length == 0 ? field.Name : $"{name}.{field.Name}";
            if (field.GetCustomAttribute<FixedBufferAttribute>() is { } buffer)
                FlattenArray(buffer.ElementType, buffer.Length, path, offset + at, fields);
            else
                Flatten(field.FieldType, path, offset + at, fields);
        }
    }

    private static void FlattenArray(Type element, int length, string name, int offset, List<StateField> fields)
    {
        if (PrimitiveName(element) is { } primitive)
        {
            fields.Add(new StateField(name, offset, primitive, SizeOf(element), length, true));
            return;
        }

        for (int i = 0; i < length; i++)
            Flatten(element, $"{name}[{i}]", offset + (i * SizeOf(element)), fields);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = NotTrimmed)]
    private static FieldInfo[] InstanceFields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    /// <summary>Where a field lies, found by filling it: no runtime has to be asked for an order of fields, which they keep or not.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = NotTrimmed)]
    [UnconditionalSuppressMessage("Trimming", "IL2072", Justification = NotTrimmed)]
    private static int OffsetOf(Type type, FieldInfo field)
    {
        object filled = RuntimeHelpers.GetUninitializedObject(field.FieldType);
        BytesOf(filled, SizeOf(field.FieldType)).Fill(0xFF);
        object whole = RuntimeHelpers.GetUninitializedObject(type);
        field.SetValue(whole, filled);
        int offset = BytesOf(whole, SizeOf(type)).IndexOfAnyExcept((byte)0);
        Check.That(offset >= 0, $"{type}.{field.Name} has no place");
        return offset;
    }

    /// <summary>The bytes of a struct in its box.</summary>
    private static Span<byte> BytesOf(object box, int size) => MemoryMarshal.CreateSpan(ref Unsafe.As<Box>(box).FirstByte, size);

    private static int SizeOf(Type type) => RuntimeHelpers.SizeOf(type.TypeHandle);

    private static string? PrimitiveName(Type type)
    {
        if (type.IsEnum)
            type = Enum.GetUnderlyingType(type);
        Check.That(!type.IsPointer && type != typeof(nint) && type != typeof(nuint), "state holds no pointers");
        if (type == typeof(UInt128))
            return "u128";
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => "u8",
            TypeCode.SByte => "i8",
            TypeCode.Boolean => "bool",
            TypeCode.UInt16 => "u16",
            TypeCode.Char => "char",
            TypeCode.Int16 => "i16",
            TypeCode.UInt32 => "u32",
            TypeCode.Int32 => "i32",
            TypeCode.UInt64 => "u64",
            TypeCode.Int64 => "i64",
            TypeCode.Single => "f32",
            TypeCode.Double => "f64",
            _ => null,
        };
    }

    private static int PrimitiveSize(string name) => name switch
    {
        "u8" or "i8" or "bool" => 1,
        "u16" or "i16" or "char" => 2,
        "u32" or "i32" or "f32" => 4,
        "u64" or "i64" or "f64" => 8,
        "u128" => 16,
        _ => throw new FormatException($"'{name}' is not a type"),
    };

    /// <summary>How every box begins.</summary>
    private sealed class Box
    {
        public byte FirstByte;
    }
}
