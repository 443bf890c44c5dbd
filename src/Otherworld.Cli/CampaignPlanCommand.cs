using System.CommandLine;
using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Faults;

namespace Otherworld.Cli;

/// <summary><c>campaign plan</c>: draws the experiments.</summary>
internal static class CampaignPlanCommand
{
    public static Command Create()
    {
        Option<string> apps = new("--app") { Description = "The applications, separated by commas: vi, joe, redis, mariadb, apache of Debian 12, or counter of ours.", DefaultValueFactory = _ => "vi,joe,redis,mariadb,apache", HelpName = "LIST" };
        Option<string> set = new("--set") { Description = "Which faults: sweep (a panic at every k-th kernel instruction while the application is inside a system call) panics (the ways to die of the demo, at any kernel instruction), or rio and palix (published mixes of faults; docs/faults.md).", DefaultValueFactory = _ => "sweep", HelpName = "SET" };
        Option<int> points = new("--points") { Description = "Experiments with each application.", DefaultValueFactory = _ => 100, HelpName = "N" };
        Option<int?> faults = new("--faults") { Description = "Faults in each experiment of rio and palix, all of the class that is drawn for it, each at another place: 20 when not said.", HelpName = "N" };
        Option<bool> isProtected = CommonOptions.Protected();
        Option<ulong> seed = new("--seed") { Description = "Draws all of it.", DefaultValueFactory = _ => 1, HelpName = "S" };
        Option<string> output = new("--out") { Description = "Folder of the new campaign.", DefaultValueFactory = _ => "out/campaign", HelpName = "DIR" };
        Command command = new("plan", "Boot each application once, look where its kernel spends its time, and write a list of experiments.") { apps, set, points, faults, isProtected, seed, output };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(points) is < 1 or > 1_000_000)
                throw new OtherworldException($"--points {parsed.GetValue(points)}: wanted is a number from 1 to 1000000.");
            if (parsed.GetValue(faults) is < 1 or > FaultSpec.MostCount)
                throw new OtherworldException($"--faults {parsed.GetValue(faults)}: wanted is a number from 1 to {FaultSpec.MostCount}.");
            ICampaignApp[] chosen = [.. parsed.GetRequiredValue(apps).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Select(CampaignApps.Find)];
            CampaignFolder folder = new(parsed.GetRequiredValue(output));
            CampaignPlanner planner = new(CampaignCommand.Images(parsed.GetValue(isProtected)), Talk.Line) { Protected = parsed.GetValue(isProtected), Faults = parsed.GetValue(faults), Store = folder.Store(BuildInfo.Commit, Talk.Line) };
            CampaignPlan plan = planner.Make(chosen, parsed.GetRequiredValue(set), parsed.GetValue(points), parsed.GetValue(seed), BuildInfo.Commit);
            folder.Create(plan);
            Console.Out.WriteLine("application   warm after instructions   window      kernel  in system calls");
            foreach (PlannedApp app in plan.Header.Apps)
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{app.Name,-12} {app.WarmIcount,24:#,0} {app.Window,11:#,0} {app.KernelInstructions,11:#,0} {app.CallInstructions,11:#,0}"));
            Console.Out.WriteLine($"plan {plan.Hash}: {plan.Experiments.Count} experiments in {folder.PlanFile}");
            return ExitCode.Success;
        });
        return command;
    }
}
