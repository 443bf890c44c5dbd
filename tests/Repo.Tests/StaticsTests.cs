using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Repo.Tests;

/// <summary>Many machines run in one process, so no static may change.</summary>
public sealed class StaticsTests
{
    private static readonly string[] Assemblies = ["Emu.Core", "Emu.X86", "Otherworld.Guest", "otherworld"];

    [Test]
    public void No_static_field_can_be_assigned([ValueSource(nameof(Assemblies))] string assembly)
    {
        string[] offenders =
        [
            .. from field in Statics(assembly)
               where !field.IsInitOnly && !field.IsLiteral
               select $"{field.DeclaringType}.{field.Name}",
        ];
        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void No_static_field_holds_a_growing_collection([ValueSource(nameof(Assemblies))] string assembly)
    {
        string[] offenders =
        [
            .. from field in Statics(assembly)
               where IsGrowing(field.FieldType)
               select $"{field.DeclaringType}.{field.Name}: {field.FieldType}",
        ];
        Assert.That(offenders, Is.Empty);
    }

    /// <summary>Fields people wrote: the compiler's own caches of delegates and of inline data do not count.</summary>
    private static IEnumerable<FieldInfo> Statics(string assembly) =>
        from type in LayeringTests.Load(assembly).GetTypes()
        where !IsCompilerMade(type)
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where !field.IsDefined(typeof(CompilerGeneratedAttribute), false) || field.Name.EndsWith("k__BackingField", StringComparison.Ordinal)
        where !field.Name.StartsWith("<>", StringComparison.Ordinal)
        select field;

    private static bool IsCompilerMade(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute), false) || type.Name.StartsWith('<') || (type.DeclaringType is not null && IsCompilerMade(type.DeclaringType));

    private static bool IsGrowing(Type type)
    {
        if (type.IsArray || type.Namespace == typeof(ImmutableArray).Namespace || type.Namespace == typeof(FrozenSet).Namespace)
            return false;
        return typeof(IList).IsAssignableFrom(type) || typeof(IDictionary).IsAssignableFrom(type)
            || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(HashSet<>));
    }
}
