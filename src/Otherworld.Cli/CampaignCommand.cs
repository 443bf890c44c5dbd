using System.CommandLine;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;

namespace Otherworld.Cli;

/// <summary><c>campaign</c>: how often applications survive, over thousands of deaths.</summary>
internal static class CampaignCommand
{
    public static Command Create()
    {
        Command command = new("campaign", "Kill kernels by the thousand and count what their applications say afterwards (docs/campaigns.md).");
        command.Subcommands.Add(CampaignPlanCommand.Create());
        command.Subcommands.Add(CampaignRunCommand.Create());
        command.Subcommands.Add(CampaignStatusCommand.Create());
        command.Subcommands.Add(CampaignMergeCommand.Create());
        command.Subcommands.Add(CampaignReportCommand.Create());
        command.Subcommands.Add(CampaignReproCommand.Create());
        command.Subcommands.Add(CampaignClusterCommand.CreateSlurm());
        command.Subcommands.Add(CampaignClusterCommand.CreateKubernetes());
        return command;
    }

    /// <summary>The argument that names a campaign.</summary>
    public static Argument<string> Folder() => new("DIR") { Description = "The campaign's folder, as 'campaign plan --out DIR' made it." };

    /// <summary>Where images come from: the one of these sources, built first when it is absent, each looked for once.</summary>
    /// <param name="isProtected">Those with a kernel that cannot write to memory of processes by mistake.</param>
    public static Func<ICampaignApp, GuestImage> Images(bool isProtected) => Images(isProtected, []);

    /// <summary>Where the images of a plan come from: the very ones it was made with, if the cache has them still.</summary>
    public static Func<ICampaignApp, GuestImage> Images(CampaignPlan plan) => Images(plan.Header.Protected, plan.Header.Apps);

    private static Func<ICampaignApp, GuestImage> Images(bool isProtected, IReadOnlyList<PlannedApp> planned)
    {
        Dictionary<string, GuestImage> found = [];
        return app =>
        {
            string name = DemoApps.ImageOf(app.Story, isProtected);
            string? identity = planned.FirstOrDefault(other => other.Name == app.Name)?.Image;
            lock (found)
            {
                if (!found.TryGetValue(name, out GuestImage? image))
                    found.Add(name, image = ImageService.OfThisUser().FindMadeWith(identity, name));
                return image;
            }
        };
    }
}
