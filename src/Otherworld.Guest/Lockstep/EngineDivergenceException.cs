namespace Otherworld.Guest.Lockstep;

/// <summary>Two engines that ran the same machine made different things of it.</summary>
/// <param name="divergence">The first difference.</param>
public sealed class EngineDivergenceException(EngineDivergence divergence) : Exception($"the engines differ: {divergence}")
{
    /// <summary>The first difference.</summary>
    public EngineDivergence Divergence { get; } = divergence;
}
