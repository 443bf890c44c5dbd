using Emu.X86.State;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A function that may sleep is called where sleeping is forbidden: with interrupts disabled.</summary>
internal sealed class SleepInAtomic : ProfiledCallFault
{
    private const string Sleep = "schedule_timeout_uninterruptible";

    /// <inheritdoc/>
    public override string Name => "blocking";

    /// <inheritdoc/>
    public override string Summary => "sleep for a timer tick at a call that is made with interrupts disabled";

    /// <inheritdoc/>
    protected override IReadOnlyList<KernelFunction> Among(KernelProfile profile) => profile.Atomic.Count > 0 ? profile.Atomic : profile.Functions;

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        if (!IsCall(call, placement) || (placement.Guest.Processor.State.Rflags & Rflags.If) != 0)
            return false;
        call.CallFirst(placement.Symbols.AddressOf(Sleep), 1);
        return true;
    }
}
