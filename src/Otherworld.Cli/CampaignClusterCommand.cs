using System.CommandLine;
using Emu.Core;
using Otherworld.Guest.Campaigns;

namespace Otherworld.Cli;

/// <summary><c>campaign slurm</c> and <c>campaign kubernetes</c>: what starts the shards on many machines.</summary>
internal static class CampaignClusterCommand
{
    public static Command CreateSlurm()
    {
        Argument<string> folder = CampaignCommand.Folder();
        Option<int> shards = Shards();
        Option<int> processors = Processors();
        Option<string> launcher = new("--launcher") { Description = "The launcher, as all nodes see it.", DefaultValueFactory = _ => "./otherworld", HelpName = "PATH" };
        Command command = new("slurm", "Print a batch script for Slurm, an array with a task for each shard: ./otherworld campaign slurm DIR | sbatch") { folder, shards, processors, launcher };
        command.SetAction(parsed =>
        {
            CampaignFolder campaign = new(Path.GetFullPath(parsed.GetRequiredValue(folder)));
            campaign.Plan();
            Console.Out.Write(ClusterScripts.Slurm(campaign.Path, Positive(parsed, shards), Positive(parsed, processors), Path.GetFullPath(parsed.GetRequiredValue(launcher))));
            return ExitCode.Success;
        });
        return command;
    }

    public static Command CreateKubernetes()
    {
        Argument<string> folder = new("DIR") { Description = "The campaign's folder on the claim." };
        Option<int> shards = Shards();
        Option<int> processors = Processors();
        Option<string> image = new("--container") { Description = "Container image that has this program in /otherworld, with its guest images.", DefaultValueFactory = _ => "otherworld:latest", HelpName = "IMAGE" };
        Option<string> claim = new("--claim") { Description = "PersistentVolumeClaim with the campaign, for all pods.", DefaultValueFactory = _ => "otherworld", HelpName = "NAME" };
        Command command = new("kubernetes", "Print an Indexed Job for Kubernetes, a pod for each shard: ./otherworld campaign kubernetes DIR | kubectl apply -f -") { folder, shards, processors, image, claim };
        command.SetAction(parsed =>
        {
            Console.Out.Write(ClusterScripts.Kubernetes(parsed.GetRequiredValue(folder), Positive(parsed, shards), Positive(parsed, processors), parsed.GetRequiredValue(image), parsed.GetRequiredValue(claim)));
            return ExitCode.Success;
        });
        return command;
    }

    private static Option<int> Shards() => new("--shards") { Description = "How many parts.", DefaultValueFactory = _ => 8, HelpName = "N" };

    private static Option<int> Processors() => new("--workers") { Description = "Machines at once in each part, a processor and 512 MiB each.", DefaultValueFactory = _ => 4, HelpName = "N" };

    private static int Positive(ParseResult parsed, Option<int> option) =>
        parsed.GetValue(option) is >= 1 and <= 100_000 and var value ? value : throw new OtherworldException($"{option.Name} {parsed.GetValue(option)}: wanted is a number from 1 to 100000.");
}
