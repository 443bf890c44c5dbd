using System.CommandLine;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Consoles;

namespace Otherworld.Cli;

/// <summary><c>campaign repro</c>: one experiment again.</summary>
internal static class CampaignReproCommand
{
    public static Command Create()
    {
        Argument<string> folder = CampaignCommand.Folder();
        Argument<string> id = new("ID") { Description = "Name of the experiment, for example vi-000017." };
        Option<string?> logs = new("--logs") { Description = "Folder for what the machine said: its terminals (ttyS0.log ...), the debug console, and its observer.", HelpName = "DIR" };
        DebuggerOptions debugger = new(hasQmp: false);
        Command command = new("repro", "Do one experiment again and print its row; with --gdb a debugger stands just before the fault. 0 when the row is the recorded one, or none was recorded.") { folder, id, logs };
        debugger.AddTo(command);
        command.SetAction(parsed =>
        {
            CampaignFolder campaign = new(parsed.GetRequiredValue(folder));
            CampaignPlan plan = campaign.Plan();
            Experiment experiment = plan.Find(parsed.GetRequiredValue(id));
            DebugChoice? debug = debugger.Read(parsed);
            ExperimentRow? recorded = campaign.Rows(plan).FirstOrDefault(row => row.Id == experiment.Id);
            string? said = parsed.GetValue(logs);
            if (said is not null)
                OutputFolder.Make(said, logs.Name);
            CampaignRun run = new(plan, CampaignCommand.Images(plan), Talk.Line) { Store = campaign.Store(BuildInfo.Commit, Talk.Line) };
            ExperimentRow row = run.Repeat(experiment, guest =>
            {
                Talk.Line($"{experiment.Id}: just before the fault {experiment.Fault}, at {guest.Symbols.Describe(guest.Console.Guest.Processor.State.Rip)}, instruction {guest.Console.Now.Icount}");
                if (debug is not null)
                    guest.Console.LetIn(target => debug.OpenGdb(target), debug.Symbols ?? guest.Symbols, debug.Memory);
            }, guest =>
            {
                if (said is not null)
                    guest.Console.SaveLogs(said);
            });
            Console.Out.WriteLine(row.ToJson());
            if (recorded is null)
                return ExitCode.Success;
            bool same = recorded.ToJson() == row.ToJson();
            Talk.Line(same ? "the same as recorded, to the bit" : $"the recorded row is another one: {recorded.ToJson()}");
            return same ? ExitCode.Success : ExitCode.NotMet;
        });
        return command;
    }
}
