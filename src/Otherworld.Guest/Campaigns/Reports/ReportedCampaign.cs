namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>A campaign that a report is about.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Rows">Its rows, each experiment once.</param>
/// <param name="Folder">Its folder, for the commands that reproduce something.</param>
public sealed record ReportedCampaign(CampaignPlan Plan, IReadOnlyList<ExperimentRow> Rows, string Folder)
{
    /// <summary><c>default</c>, or <c>protected</c> where the kernel cannot write to memory of processes by mistake.</summary>
    public string Mode => Plan.Header.Protected ? "protected" : "default";

    /// <summary>Reads one as far as it is done.</summary>
    /// <exception cref="Emu.Core.OtherworldException">There is none, or its rows contradict each other.</exception>
    public static ReportedCampaign Read(CampaignFolder folder)
    {
        CampaignPlan plan = folder.Plan();
        return new ReportedCampaign(plan, CampaignMerge.Merge(plan, folder.Rows(plan), out _), folder.Path);
    }
}
