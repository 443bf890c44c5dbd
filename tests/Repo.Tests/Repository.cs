using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Repo.Tests;

/// <summary>The checkout the tests were built from: its text files and the C# among them, parsed once.</summary>
internal static class Repository
{
    private static readonly string[] SkippedFolders = [".git", "bin", "obj", "artifacts", "out", "TestResults", "BenchmarkDotNet.Artifacts"];
    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".md", ".json", ".txt", ".toml", ".c", ".h", ".S", ".sh", ".conf", ".config", ".patch", ".svg", ".yml", ".editorconfig", ".gitignore", ".gitattributes", ""];

    private static readonly Lazy<string[]> FilesOnce = new(FindFiles);
    private static readonly Lazy<SourceFile[]> SourcesOnce = new(Parse);

    /// <summary>Paths of all text files, relative to the root, with forward slashes, sorted.</summary>
    public static IReadOnlyList<string> Files => FilesOnce.Value;

    /// <summary>All C# files.</summary>
    public static IReadOnlyList<SourceFile> Sources => SourcesOnce.Value;

    public static string Read(string path) => File.ReadAllText(Path.Combine(Checkout.Root, path));

    private static string[] FindFiles()
    {
        List<string> found = [];
        Walk(new DirectoryInfo(Checkout.Root), found);
        found.Sort(StringComparer.Ordinal);
        return [.. found];
    }

    private static void Walk(DirectoryInfo folder, List<string> found)
    {
        foreach (FileInfo file in folder.EnumerateFiles())
        {
            if (file.Name != ".git" && TextExtensions.Contains(file.Extension))
                found.Add(Path.GetRelativePath(Checkout.Root, file.FullName).Replace('\\', '/'));
        }

        foreach (DirectoryInfo child in folder.EnumerateDirectories())
        {
            if (!SkippedFolders.Contains(child.Name) && child.LinkTarget is null)
                Walk(child, found);
        }
    }

    private static SourceFile[] Parse()
    {
        CSharpParseOptions options = new(LanguageVersion.Preview);
        List<SourceFile> sources = [];
        foreach (string path in Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)))
        {
            string text = Read(path);
            SyntaxNode tree = CSharpSyntaxTree.ParseText(text, options).GetRoot();
            sources.Add(new SourceFile(path, text, tree));
        }

        return [.. sources];
    }
}
