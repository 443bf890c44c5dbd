using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Repo.Tests;

/// <summary>The rules of the house that no analyzer knows. Each test lists every offender.</summary>
public sealed class TidyTests
{
    private const int LongestFile = 700;
    private const int LongestMethod = 70;
    private const int MedianFile = 120;

    private static readonly string[] UnsafeFolders =
    [
        "src/Emu.Core/Memory/", "src/Emu.X86/State/", "src/Emu.X86/Semantics/", "src/Emu.X86/Interpreter/", "src/Emu.X86/Translator/",
        "src/Emu.X86/Paging/", "src/Emu.X86/Decode/", "src/Emu.X86/Exceptions/", "src/Emu.X86/Segmentation/", "tests/", "bench/",
        "src/Emu.X86/X86Processor", "src/Emu.X86/ProcessorReset.cs", // the owner of the processor's native memory
    ];

    private static readonly string[] ConsoleFolders = ["src/Otherworld.Cli/", "src/Emu.Core/Host/", "tests/", "bench/"];

    // Spelled in two halves so that this file does not contain them.
    private static readonly string[] BannedWords = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "X" + "XX"];

    [Test]
    public void No_file_is_longer_than_700_lines() => Offenders(
        from file in Repository.Sources
        where !file.IsGenerated && !IsTable(file) && file.LineCount > LongestFile
        select $"{file.Path}: {file.LineCount} lines");

    [Test]
    public void Half_of_the_files_have_at_most_120_lines()
    {
        int[] lengths = [.. Repository.Sources.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal)).Select(file => file.LineCount).Order()];
        Assert.That(lengths[lengths.Length / 2], Is.LessThanOrEqualTo(MedianFile));
    }

    [Test]
    public void No_method_is_longer_than_70_lines() => Offenders(
        from file in Repository.Sources
        where !file.IsGenerated
        from method in file.Tree.DescendantNodes()
        where method is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
        where SourceFile.LinesOf(method) > LongestMethod
        select $"{file.Path}:{SourceFile.LineOf(method)}: {SourceFile.LinesOf(method)} lines");

    [Test]
    public void Each_file_has_one_type_and_its_name() => Offenders(
        from file in Repository.Sources
        where !file.IsGenerated
        let types = TopLevelTypes(file)
        let stem = Path.GetFileName(file.Path).Split('.')[0]
        where types.Length > 1 || (types.Length == 1 && types[0] != stem)
        select $"{file.Path}: {string.Join(", ", types)}");

    [Test]
    public void Unsafe_code_lives_in_few_folders() => Offenders(
        from file in Repository.Sources
        where !UnsafeFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))
        from token in file.Tree.DescendantTokens()
        where token.IsKind(SyntaxKind.UnsafeKeyword)
        select $"{file.Path}:{token.GetLocation().GetLineSpan().StartLinePosition.Line + 1}");

    [Test]
    public void Only_the_command_line_and_the_host_folder_touch_the_console() => Offenders(
        from file in Repository.Sources
        where !ConsoleFolders.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))
        from access in file.Tree.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
        where access.Expression is IdentifierNameSyntax { Identifier.Text: "Console" or "AnsiConsole" }
        select $"{file.Path}:{SourceFile.LineOf(access)}");

    [Test]
    public void No_CSharp_file_has_a_tab() => Offenders(
        from file in Repository.Sources
        where file.Text.Contains('\t')
        select file.Path);

    [Test]
    public void Lines_end_with_LF_and_files_with_a_newline() => Offenders(
        from path in Repository.Files
        where !path.EndsWith(".sln", StringComparison.Ordinal)
        let text = Repository.Read(path)
        where text.Contains('\r') || (text.Length > 0 && text[^1] != '\n')
        select path);

    [Test]
    public void Nothing_is_left_to_do_in_a_comment() => Offenders(
        from path in Repository.Files
        where !path.EndsWith(".patch", StringComparison.Ordinal)
        let text = Repository.Read(path)
        from word in BannedWords
        where Regex.IsMatch(text, $@"\b{word}\b", RegexOptions.None, TimeSpan.FromSeconds(5))
        select $"{path}: {word}");

    [Test]
    public void No_package_registry_is_named()
    {
        string[] hosts = ["nuget" + ".org", "npmjs" + ".org", "deb.debian" + ".org", "pypi" + ".org", "crates" + ".io", "snapshot.debian" + ".org"];
        Offenders(
            from path in Repository.Files
            let text = Repository.Read(path)
            from host in hosts
            where text.Contains(host, StringComparison.OrdinalIgnoreCase)
            select $"{path}: {host}");
    }

    [Test]
    public void Every_project_is_in_the_solution()
    {
        string solution = Repository.Read("Emulator.sln").Replace('\\', '/');
        Offenders(
            from path in Repository.Files
            where path.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains(path, StringComparison.Ordinal)
            select path);
    }

    [Test]
    public void The_licences_are_there()
    {
        Assert.That(Repository.Read("LICENSE"), Does.Contain("MIT License"));
        Assert.That(Repository.Read("images/kernel/LICENSE"), Does.Contain("GNU GENERAL PUBLIC LICENSE").And.Contain("Version 2, June 1991"));
        Assert.That(Repository.Read("images/kernel/COPYING"), Does.Contain("GPL-2.0-only"));
    }

    /// <summary>A file whose length is data: at least nine lines in ten lie inside collection expressions or initialisers.</summary>
    private static bool IsTable(SourceFile file)
    {
        int rows = file.Tree.DescendantNodes()
            .Where(node => node is CollectionExpressionSyntax or InitializerExpressionSyntax && !node.Ancestors().Any(parent => parent is CollectionExpressionSyntax or InitializerExpressionSyntax))
            .Sum(SourceFile.LinesOf);
        return rows * 10 >= file.LineCount * 9;
    }

    private static string[] TopLevelTypes(SourceFile file) =>
    [
        .. from node in file.Tree.DescendantNodes()
           where node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax && node.Parent is BaseNamespaceDeclarationSyntax or CompilationUnitSyntax
           let name = node switch
           {
               BaseTypeDeclarationSyntax type => type.Identifier.Text,
               DelegateDeclarationSyntax type => type.Identifier.Text,
               _ => null,
           }
           where name is not null
           select name,
    ];

    private static void Offenders(IEnumerable<string> found) => Assert.That(found.ToArray(), Is.Empty);
}
