using Emu.Core;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Overhead;

/// <summary>Shows what our patches cost a living kernel: compares it with the same kernel without them, as code and as it runs.</summary>
public static class OverheadRun
{
    /// <summary>Compares; builds the images first when they are absent.</summary>
    /// <param name="images">Where they come from.</param>
    /// <param name="progress">Told what happens, for a person.</param>
    /// <exception cref="OtherworldException">An image cannot be built, or a guest does not come to an end.</exception>
    public static OverheadReport Run(ImageService images, Action<string> progress)
    {
        GuestImage patched = images.FindOrBuild("otherworld"), unpatched = images.FindOrBuild("unpatched");
        IReadOnlyList<string> hooks = HookList.Read(images.ReadSource("kernel/README.md"));
        progress("comparing the kernels, function by function");
        KernelComparison comparison = KernelComparison.Of(patched.Path(ImageRoles.VmlinuxDebug), unpatched.Path(ImageRoles.VmlinuxDebug));
        PathRun run = new(patched, progress);
        IReadOnlyList<PathCount> ours = run.Measure(patched.Path(ImageRoles.Vmlinux)), theirs = run.Measure(unpatched.Path(ImageRoles.Vmlinux));
        if (!ours.Select(path => path.Name).SequenceEqual(theirs.Select(path => path.Name)) || ours.Count == 0)
            throw new OtherworldException("the two kernels went different ways: their lists of paths are not the same", 1);
        return new OverheadReport(patched.Identity, unpatched.Identity, hooks, comparison, [.. ours.Zip(theirs, (one, other) => new PathPair(one, other))]);
    }
}
