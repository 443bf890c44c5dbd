using System.Reflection;

namespace Repo.Tests;

/// <summary>Arrows point down only: Cli, Guest, X86, Core; and inside Core the parts know only what lies below them.</summary>
public sealed class LayeringTests
{
    private static readonly string[] Layers = ["Emu.Core", "Emu.X86", "Otherworld.Guest", "otherworld"];

    /// <summary>Namespaces of Emu.Core that nothing below the composition may know.</summary>
    private static readonly Dictionary<string, string[]> MayNotUse = new()
    {
        ["Time"] = ["Bus", "Devices", "Machine", "Snapshots", "Replay", "Host"],
        ["State"] = ["Time", "Memory", "Bus", "Irq", "Devices", "Machine", "Snapshots", "Replay", "Host"],
        ["Memory"] = ["Bus", "Irq", "Devices", "Machine", "Snapshots", "Replay", "Host"],
        ["Irq"] = ["Devices", "Snapshots", "Replay", "Host"],
        ["Bus"] = ["Devices", "Snapshots", "Replay", "Host"],
        ["Devices"] = ["Snapshots", "Replay", "Host"],
        ["Machine"] = ["Host"],
    };

    [Test]
    public void Assemblies_reference_only_what_lies_below_them([Range(0, 3)] int layer)
    {
        string[] above = Layers[layer..];
        IEnumerable<string?> references = Load(Layers[layer]).GetReferencedAssemblies().Select(reference => reference.Name);
        Assert.That(references.Intersect(above), Is.Empty);
    }

    [Test]
    public void Every_layer_sees_the_one_below_it()
    {
        // Guards the test above against looking at assemblies by names that do not exist.
        foreach (string name in Layers)
            Assert.That(Load(name).GetTypes(), Is.Not.Empty);
    }

    [Test]
    public void Inside_the_core_parts_know_only_what_lies_below_them()
    {
        List<string> offenders = [];
        foreach (SourceFile file in Repository.Sources)
        {
            string[] parts = file.Path.Split('/');
            if (parts is not ["src", "Emu.Core", var part, _, ..] || !MayNotUse.TryGetValue(part, out string[]? forbidden))
                continue;
            offenders.AddRange(
                from other in forbidden
                where file.Text.Contains($"using Emu.Core.{other}", StringComparison.Ordinal) || file.Text.Contains($" Emu.Core.{other}.", StringComparison.Ordinal)
                select $"{file.Path} uses {other}");
        }

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void Namespaces_are_folders()
    {
        string[] offenders =
        [
            .. from file in Repository.Sources
               where file.Path.StartsWith("src/", StringComparison.Ordinal)
               from declared in file.Tree.DescendantNodes().OfType<Microsoft.CodeAnalysis.CSharp.Syntax.BaseNamespaceDeclarationSyntax>()
               let wanted = Path.GetDirectoryName(file.Path)!["src/".Length..].Replace('/', '.')
               where declared.Name.ToString() != wanted
               select $"{file.Path}: {declared.Name}",
        ];
        Assert.That(offenders, Is.Empty);
    }

    internal static Assembly Load(string name) => Assembly.Load(new AssemblyName(name));
}
