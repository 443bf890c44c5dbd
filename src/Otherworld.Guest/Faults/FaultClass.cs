namespace Otherworld.Guest.Faults;

/// <summary>A class of faults: a kind of mistake that kernels have, and how the emulator makes a kernel have it. Each is one file in <c>Classes</c>.</summary>
public abstract class FaultClass
{
    /// <summary>As people write it.</summary>
    public abstract string Name { get; }

    /// <summary>What it does to the kernel, in one sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>Who described it: <see cref="FaultSources"/>.</summary>
    public abstract string Source { get; }

    /// <summary>Several faults of this class fit into one run.</summary>
    public virtual bool IsRepeatable => true;

    /// <summary>Puts a fault of this class into a machine that stands at its trigger, or arms what will do that when the kernel comes by.</summary>
    /// <exception cref="Emu.Core.OtherworldException">The site is none of this class, or the kernel has none.</exception>
    internal abstract void Place(FaultPlacement placement);
}
