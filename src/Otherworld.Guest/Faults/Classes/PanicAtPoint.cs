using Otherworld.Guest.Crashes;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>The kernel dies at the instruction at which it stands. With the trigger at every k-th kernel instruction this finds each point at which resurrection is wrong.</summary>
internal sealed class PanicAtPoint : FaultClass
{
    /// <summary>Guest ns in which a kernel is entered at the latest: its timer is.</summary>
    private const ulong Patience = 1_000_000_000;

    /// <inheritdoc/>
    public override string Name => "panic";

    /// <inheritdoc/>
    public override string Summary => "die at the trigger, or at the next kernel instruction behind it; SITE is a kind of panic";

    /// <inheritdoc/>
    public override string Source => FaultSources.Own;

    /// <inheritdoc/>
    public override bool IsRepeatable => false;

    /// <inheritdoc/>
    internal override void Place(FaultPlacement placement)
    {
        PanicKind kind = placement.Spec.Site is { } site ? PanicKinds.Parse(site) : (PanicKind)placement.Below((ulong)PanicKinds.Count);
        if (!new KernelEntry(placement.Guest).Reach(Patience))
            throw placement.Refuse("the kernel is not entered any more from here.");
        new PanicInjector(placement.Guest, placement.Symbols).Apply(kind);
        ulong rip = placement.Guest.Processor.State.Rip;
        placement.Note(new FaultChange(placement.Guest.Processor.InstructionCount, rip, placement.Symbols.Describe(rip), "", "", PanicKinds.Name(kind)));
        placement.Activate();
    }
}
