using System.Text.RegularExpressions;
using Emu.Core.Snapshots;

namespace Repo.Tests;

/// <summary>What documents say of a format is what the code does.</summary>
public sealed class FormatTests
{
    [Test]
    public void The_document_has_the_version_of_the_snapshot_format()
    {
        Match match = Regex.Match(Repository.Read("docs/snapshot-format.md"), @"Format version: \*\*(\d+)\*\*", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.That(match.Groups[1].Value, Is.EqualTo(SnapshotFile.FormatVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Test]
    public void The_readme_names_every_exit_status()
    {
        string readme = Repository.Read("README.md");
        Assert.Multiple(() =>
        {
            foreach (System.Reflection.FieldInfo field in LayeringTests.Load("otherworld").GetType("Otherworld.Cli.ExitCode")!.GetFields())
                Assert.That(readme, Does.Match($@"\b{field.GetRawConstantValue()} [a-z]"), field.Name);
        });
    }

    [Test]
    public void The_readme_mentions_only_verbs_that_exist()
    {
        string program = Repository.Read("src/Otherworld.Cli/CommandLine.cs");
        string[] missing =
        [
            .. from Match match in Regex.Matches(Repository.Read("README.md"), @"\./otherworld ([a-z]+)", RegexOptions.None, TimeSpan.FromSeconds(5))
               let verb = match.Groups[1].Value
               where verb != "test" && !program.Contains($"{char.ToUpperInvariant(verb[0])}{verb[1..]}Command.Create()", StringComparison.Ordinal)
               select verb,
        ];
        Assert.That(missing, Is.Empty);
    }
}
