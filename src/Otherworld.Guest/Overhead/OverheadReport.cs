namespace Otherworld.Guest.Overhead;

/// <summary>What our patches cost a kernel that does not die.</summary>
/// <param name="Image">Name and input hash of the image 'otherworld'.</param>
/// <param name="Unpatched">The same of the image 'unpatched'.</param>
/// <param name="Hooks">Functions that may differ.</param>
/// <param name="Comparison">Both kernels, function by function.</param>
/// <param name="Paths">Both kernels, executed.</param>
public sealed record OverheadReport(string Image, string Unpatched, IReadOnlyList<string> Hooks, KernelComparison Comparison, IReadOnlyList<PathPair> Paths)
{
    /// <summary>Two distributions that have less in common than this say nothing about each other.</summary>
    private const double LeastAlike = 0.5;

    /// <summary>A kernel has more functions than this.</summary>
    private const int LeastFunctions = 10_000;

    /// <summary>Everything that is not as it should be; empty if the patches cost nothing.</summary>
    public IReadOnlyList<string> Problems => [.. OfFunctions(), .. OfPaths()];

    private IEnumerable<string> OfFunctions()
    {
        foreach (FunctionKey name in Comparison.Changed.Where(name => !Hooks.Contains(name.Function)))
            yield return $"{name} differs, and images/kernel/README.md does not name it";
        foreach (string name in Hooks.Except(Comparison.Changed.Select(changed => changed.Function)))
            yield return $"{name} does not differ, although images/kernel/README.md names it";
        // A hook's rare part may have become one with the rest of it; that it differs is said above.
        foreach (FunctionKey name in Comparison.Missing.Where(name => name.Name == name.Function || !Hooks.Contains(name.Function)))
            yield return $"{name} is missing in the patched kernel";
        if (Comparison.Same < LeastFunctions)
            yield return $"only {Comparison.Same} functions could be compared";
    }

    private IEnumerable<string> OfPaths()
    {
        foreach (PathPair path in Paths)
        {
            if (path.Difference != 0)
                yield return $"{path.Patched.Name}: {path.Difference} instructions more with the patches";
            if (path.Alike < LeastAlike)
                yield return $"{path.Patched.Name}: only {path.Alike:P0} of the rounds cost the same in both kernels";
        }
    }
}
