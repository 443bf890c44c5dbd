using System.Text.RegularExpressions;

namespace Repo.Tests;

public sealed partial class DocumentTests
{
    [Test]
    public void Every_link_in_a_document_leads_to_a_file()
    {
        List<string> dead = [];
        foreach (string path in Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal)))
        {
            string folder = Path.GetDirectoryName(Path.Combine(Checkout.Root, path))!;
            foreach (Match match in Link().Matches(Repository.Read(path)))
            {
                string target = match.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                    continue;
                string file = Path.GetFullPath(Path.Combine(folder, target));
                if (!File.Exists(file) && !Directory.Exists(file))
                    dead.Add($"{path}: {target}");
            }
        }

        Assert.That(dead, Is.Empty);
    }

    [Test]
    public void The_documents_a_newcomer_needs_exist()
    {
        foreach (string path in new[] { "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md" })
            Assert.That(Repository.Files, Does.Contain(path));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.None, 5000)]
    private static partial Regex Link();
}
