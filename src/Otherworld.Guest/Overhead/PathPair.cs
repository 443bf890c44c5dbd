namespace Otherworld.Guest.Overhead;

/// <summary>One way through both kernels.</summary>
/// <param name="Patched">In the kernel with our patches.</param>
/// <param name="Unpatched">In the kernel without.</param>
public sealed record PathPair(PathCount Patched, PathCount Unpatched)
{
    /// <summary>Instructions that the patches add.</summary>
    public long Difference => (long)(Patched.Instructions - Unpatched.Instructions);
}
