using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Otherworld.Guest.Images;
using Otherworld.Guest.Overhead;

namespace Otherworld.Cli;

/// <summary><c>overhead</c>: what our patches cost a kernel that does not die.</summary>
internal static class OverheadCommand
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Create()
    {
        Option<string?> results = new("--results") { Description = "Write the report as a page for people.", HelpName = "FILE.md" };
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "overhead",
            "Compare the guest's kernel with the same kernel without our patches (built first when it is absent, some minutes): function by function, and by the instructions that "
            + "system calls, page faults, forks, files, pipes and sockets cost in either. 0 when nothing but the named hooks differs and every cost is the same, 1 otherwise.")
        {
            results, json,
        };
        command.SetAction(parsed =>
        {
            OverheadReport report = OverheadRun.Run(ImageService.OfThisUser(), Talk.Line);
            if (parsed.GetValue(results) is { } page)
                BenchCommand.Write(page, OverheadPage.Of(report));
            if (parsed.GetValue(json))
                Console.Out.WriteLine(ToJson(report));
            else
                Print(report);
            return report.Problems.Count == 0 ? ExitCode.Success : ExitCode.NotMet;
        });
        return command;
    }

    private static string ToJson(OverheadReport report) => JsonSerializer.Serialize(
        new
        {
            Verdict = report.Problems.Count == 0 ? "no overhead" : report.Problems[0],
            report.Problems,
            report.Image,
            report.Unpatched,
            Functions = new { report.Comparison.Same, Changed = report.Comparison.Changed.Select(name => name.Name), Missing = report.Comparison.Missing.Select(name => name.Name), Added = report.Comparison.Added.Count },
            Paths = report.Paths.Select(path => new { path.Patched.Name, Patched = path.Patched.Mode, Unpatched = path.Unpatched.Mode, path.Difference, Alike = Math.Round(path.Alike, 4) }),
        },
        Format);

    private static void Print(OverheadReport report)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"functions: {report.Comparison.Same:#,0} are the same, {report.Comparison.Added.Count:#,0} are new, these differ:"));
        foreach (FunctionKey name in report.Comparison.Changed)
            Console.Out.WriteLine($"  {name}");
        Console.Out.WriteLine();
        Console.Out.WriteLine("way                  with patches       without  difference  alike");
        foreach (PathPair path in report.Paths)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path.Patched.Name,-20} {path.Patched.Mode,12:#,0}  {path.Unpatched.Mode,12:#,0}  {path.Difference,10:#,0}  {100 * path.Alike,4:0} %"));
        Console.Out.WriteLine();
        foreach (string problem in report.Problems)
            Console.Out.WriteLine($"not as it should be: {problem}");
        if (report.Problems.Count == 0)
            Console.Out.WriteLine("NO OVERHEAD: the patches add no instruction to a living kernel.");
    }
}
