using System.Globalization;
using Emu.X86.State;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>The kernel computes with floating-point registers that belong to a program. Nothing in the kernel notices.</summary>
internal sealed class KernelFloat : ProfiledCallFault
{
    /// <inheritdoc/>
    public override string Name => "float";

    /// <inheritdoc/>
    public override string Summary => "overwrite half of an XMM register in a kernel function";

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        int half = (int)placement.Below(PatchableRegister.End - PatchableRegister.Xmm0Low);
        ulong before = placement.Guest.Processor.State.XmmRegisters()[half];
        ulong after = placement.Below(ulong.MaxValue);
        placement.Set(PatchableRegister.Xmm0Low + half, after);
        placement.Note(new FaultChange(
            placement.Guest.Processor.InstructionCount,
            call.Function,
            placement.Symbols.Describe(call.Function),
            before.ToString("x16", CultureInfo.InvariantCulture),
            after.ToString("x16", CultureInfo.InvariantCulture),
            Inspection.RegisterNames.Of(PatchableRegister.Xmm0Low + half)));
        return true;
    }
}
