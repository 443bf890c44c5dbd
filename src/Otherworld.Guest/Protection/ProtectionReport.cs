using System.Globalization;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Overhead;

namespace Otherworld.Guest.Protection;

/// <summary>What protected mode costs.</summary>
/// <param name="Image">Name and input hash of the image 'debian'.</param>
/// <param name="ProtectedImage">The same of the image 'protected'.</param>
/// <param name="Costs">Each application.</param>
/// <param name="Paths">Ways through both kernels; the first of each pair is the protected one.</param>
public sealed record ProtectionReport(string Image, string ProtectedImage, IReadOnlyList<ProtectionCost> Costs, IReadOnlyList<PathPair> Paths)
{
    /// <summary>No application may cost more than this part of its load: the least that the authors of Otherworld report.</summary>
    public const double Most = 0.04;

    /// <summary>Everything that costs too much; empty if nothing does.</summary>
    public IReadOnlyList<string> Problems =>
        [.. Costs.Where(cost => cost.Share > Most).Select(cost => string.Create(CultureInfo.InvariantCulture, $"{DemoApps.Name(cost.App)} costs {100 * cost.Share:0.00} % more, and {100 * Most:0} % is the most"))];
}
