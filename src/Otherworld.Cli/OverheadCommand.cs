using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Overhead;
using Otherworld.Guest.Protection;

namespace Otherworld.Cli;

/// <summary><c>overhead</c>: what our patches cost a kernel that does not die.</summary>
internal static class OverheadCommand
{
    public static Command Create()
    {
        Option<string?> results = new("--results") { Description = "Write the report as a page for people.", HelpName = "FILE.md" };
        Option<bool> isProtected = new("--protected") { Description = "Measure instead what protected mode costs: the loads of five applications under the kernel of the image 'protected' and under the default one. 0 when none costs more than 4 %." };
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "overhead",
            "Compare the guest's kernel with the same kernel without our patches (built first when it is absent, some minutes): function by function, and by the instructions that "
            + "system calls, page faults, forks, files, pipes and sockets cost in either. 0 when nothing but the named hooks differs and every cost is the same, 1 otherwise.")
        {
            isProtected, results, json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(isProtected))
                return Protected(parsed.GetValue(results), parsed.GetValue(json));
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

    private static int Protected(string? results, bool json)
    {
        ProtectionReport report = ProtectionStudy.Run(ImageService.OfThisUser(), Talk.Line);
        if (results is not null)
            BenchCommand.Write(results, ProtectionPage.Of(report));
        if (json)
            Console.Out.WriteLine(ToJson(report));
        else
            Print(report);
        return report.Problems.Count == 0 ? ExitCode.Success : ExitCode.NotMet;
    }

    private static string ToJson(ProtectionReport report) => new JsonObject
    {
        ["verdict"] = report.Problems.Count == 0 ? "cheap enough" : report.Problems[0],
        ["problems"] = CliJson.List(report.Problems),
        ["image"] = report.Image,
        ["protected_image"] = report.ProtectedImage,
        ["apps"] = CliJson.List(report.Costs, cost => new JsonObject
        {
            ["app"] = DemoApps.Name(cost.App),
            ["default"] = JsonSerializer.SerializeToNode(cost.Default, CliJson.Default.LoadCount),
            ["protected"] = JsonSerializer.SerializeToNode(cost.Protected, CliJson.Default.LoadCount),
            ["instruction_share"] = Math.Round(cost.InstructionShare, 6),
            ["share"] = Math.Round(cost.Share, 6),
        }),
        ["paths"] = Paths(report.Paths, "protected", "default"),
    }.ToJsonString();

    private static JsonArray Paths(IEnumerable<PathPair> paths, string patched, string unpatched) => CliJson.List(paths, path => new JsonObject
    {
        ["name"] = path.Patched.Name,
        [patched] = path.Patched.Mode,
        [unpatched] = path.Unpatched.Mode,
        ["difference"] = path.Difference,
        ["alike"] = Math.Round(path.Alike, 4),
    });

    private static void Print(ProtectionReport report)
    {
        Console.Out.WriteLine("application   instructions       protected    more   walks  protected  estimate");
        foreach (ProtectionCost cost in report.Costs)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{DemoApps.Name(cost.App),-10} {cost.Default.Instructions,15:#,0} {cost.Protected.Instructions,15:#,0} {100 * cost.InstructionShare,6:0.00} % {cost.Default.Misses.Walks,9:#,0} {cost.Protected.Misses.Walks,9:#,0} {100 * cost.Share,6:0.00} %"));
        }

        foreach (string problem in report.Problems)
            Console.Out.WriteLine($"not as it should be: {problem}");
    }

    private static string ToJson(OverheadReport report) => new JsonObject
    {
        ["verdict"] = report.Problems.Count == 0 ? "no overhead" : report.Problems[0],
        ["problems"] = CliJson.List(report.Problems),
        ["image"] = report.Image,
        ["unpatched"] = report.Unpatched,
        ["functions"] = new JsonObject
        {
            ["same"] = report.Comparison.Same,
            ["changed"] = CliJson.List(report.Comparison.Changed, function => function.Name),
            ["missing"] = CliJson.List(report.Comparison.Missing, function => function.Name),
            ["added"] = report.Comparison.Added.Count,
        },
        ["paths"] = Paths(report.Paths, "patched", "unpatched"),
    }.ToJsonString();

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
            Console.Out.WriteLine("NO OVERHEAD: nothing that a living kernel does for its processes costs an instruction more. A timer of ours looks every 5 s whether threads get their turn.");
    }
}
