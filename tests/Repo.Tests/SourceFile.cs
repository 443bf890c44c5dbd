using Microsoft.CodeAnalysis;

namespace Repo.Tests;

/// <summary>One C# file of the checkout.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Text">Its content.</param>
/// <param name="Tree">Its syntax.</param>
internal sealed record SourceFile(string Path, string Text, SyntaxNode Tree)
{
    public int LineCount => Text.Count(character => character == '\n');

    public bool IsGenerated => Path.EndsWith(".g.cs", StringComparison.Ordinal);

    /// <summary>First line of a node, counted from 1.</summary>
    public static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    /// <summary>Lines a node covers, without its leading comments.</summary>
    public static int LinesOf(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
