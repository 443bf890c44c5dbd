using Emu.Core;

namespace Otherworld.Guest.Campaigns;

/// <summary>Puts the results of all shards together.</summary>
public static class CampaignMerge
{
    /// <summary>Every experiment once, in the order of the plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="rows">Rows of all shards; an experiment may have been done more than once, with the same result.</param>
    /// <param name="missing">Experiments without a row.</param>
    /// <exception cref="OtherworldException">Two rows of an experiment differ, or a row is of no experiment of the plan.</exception>
    public static IReadOnlyList<ExperimentRow> Merge(CampaignPlan plan, IReadOnlyList<ExperimentRow> rows, out IReadOnlyList<string> missing)
    {
        Dictionary<string, ExperimentRow> found = [];
        foreach (ExperimentRow row in rows)
        {
            if (!found.TryAdd(row.Id, row) && found[row.Id].ToJson() != row.ToJson())
                throw new OtherworldException($"two rows of {row.Id} differ (final states {found[row.Id].FinalHash} and {row.FinalHash}): one host computes wrongly, or the programs are not the same. Do it again with: ./otherworld campaign repro DIR {row.Id}", 1);
        }

        HashSet<string> planned = [.. plan.Experiments.Select(experiment => experiment.Id)];
        if (found.Keys.FirstOrDefault(id => !planned.Contains(id)) is { } strange)
            throw new OtherworldException($"the results have a row of '{strange}', which is not in the plan.");
        missing = [.. plan.Experiments.Where(experiment => !found.ContainsKey(experiment.Id)).Select(experiment => experiment.Id)];
        return [.. plan.Experiments.Where(experiment => found.ContainsKey(experiment.Id)).Select(experiment => found[experiment.Id])];
    }
}
