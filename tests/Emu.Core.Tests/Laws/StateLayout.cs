using System.IO.Hashing;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Emu.Core.Tests.Laws;

/// <summary>Where the fields of a state struct lie, by reflection.</summary>
internal static class StateLayout
{
    public static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>Structs within <paramref name="type"/> whose fields do not fill them.</summary>
    public static IEnumerable<string> Padding(Type type)
    {
        if (IsLeaf(type))
            yield break;
        FieldInfo[] fields = Fields(type);
        int sum = fields.Sum(field => SizeOf(field.FieldType)) * Repetition(type);
        if (sum != SizeOf(type))
            yield return $"{type}: {SizeOf(type) - sum} bytes of padding";
        foreach (string inner in fields.SelectMany(field => Padding(field.FieldType)))
            yield return inner;
    }

    /// <summary>Names, types and sizes of all fields, nested ones included, as text.</summary>
    public static string Describe(Type type)
    {
        var text = new StringBuilder();
        Describe(type, text);
        return text.ToString();
    }

    /// <summary>64 bits over <see cref="Describe(Type)"/>.</summary>
    public static string Hash(Type type) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(Describe(type))).ToString("x16", null);

    private static void Describe(Type type, StringBuilder text)
    {
        if (IsLeaf(type))
        {
            text.Append(type.Name).Append(SizeOf(type));
            return;
        }

        text.Append('{');
        foreach (FieldInfo field in Fields(type))
        {
            text.Append(field.Name).Append(':');
            Describe(field.FieldType, text);
            text.Append(';');
        }

        text.Append('}');
        if (Repetition(type) > 1)
            text.Append('*').Append(Repetition(type));
    }

    private static bool IsLeaf(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(UInt128);

    private static int Repetition(Type type) => type.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;

    private static FieldInfo[] Fields(Type type) =>
        [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => Offset(type, field))];

    private static int Offset(Type type, FieldInfo field) => type.IsGenericType ? field.MetadataToken : (int)Marshal.OffsetOf(type, field.Name);
}
