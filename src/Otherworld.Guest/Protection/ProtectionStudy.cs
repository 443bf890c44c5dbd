using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Overhead;

namespace Otherworld.Guest.Protection;

/// <summary>Measures what protected mode costs: the same loads under a kernel with it and one without.</summary>
public static class ProtectionStudy
{
    /// <summary>Measures; builds the images first when they are absent.</summary>
    /// <param name="images">Where they come from.</param>
    /// <param name="progress">Told what happens, for a person.</param>
    /// <exception cref="OtherworldException">An image cannot be built, or a guest does not do its work.</exception>
    public static ProtectionReport Run(ImageService images, Action<string> progress)
    {
        GuestImage plain = images.FindOrBuild("debian"), guarded = images.FindOrBuild("protected"), small = images.FindOrBuild("otherworld");
        List<ProtectionCost> costs = [];
        foreach (DemoApp app in Enum.GetValues<DemoApp>())
        {
            ProtectionCost cost = new(app, Measure(plain, app), Measure(guarded, app));
            costs.Add(cost);
            progress(string.Create(CultureInfo.InvariantCulture, $"{DemoApps.Name(app)}: {cost.Default.Instructions:#,0} instructions by default, {cost.Protected.Instructions:#,0} in protected mode"));
        }

        return new ProtectionReport(plain.Identity, guarded.Identity, costs, Paths(small, guarded, progress));
    }

    private static LoadCount Measure(GuestImage image, DemoApp app)
    {
        using ApplicationLoad load = new(image, app);
        return load.Measure();
    }

    /// <summary>Ways through the kernel, with the root and disk of the image 'otherworld'.</summary>
    private static IReadOnlyList<PathPair> Paths(GuestImage plain, GuestImage guarded, Action<string> progress)
    {
        PathRun run = new(plain, progress);
        IReadOnlyList<PathCount> ours = run.Measure(guarded.Path(ImageRoles.Vmlinux)), theirs = run.Measure(plain.Path(ImageRoles.Vmlinux));
        return [.. ours.Zip(theirs, (one, other) => new PathPair(one, other))];
    }
}
