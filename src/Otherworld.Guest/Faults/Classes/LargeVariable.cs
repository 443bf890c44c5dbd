namespace Otherworld.Guest.Faults.Classes;

/// <summary>A function has a variable on the stack that is too large for it: what is called may run into the end of the stack, which has 16 KiB.</summary>
internal sealed class LargeVariable : ProfiledCallFault
{
    private const ulong Least = 1024;
    private const ulong Most = 16 << 10;

    /// <inheritdoc/>
    public override string Name => "var";

    /// <inheritdoc/>
    public override string Summary => "take 1 to 16 KiB of the kernel's stack during a call";

    /// <inheritdoc/>
    protected override bool Change(KernelCall call, FaultPlacement placement)
    {
        ulong bytes = (Least + placement.Below(Most - Least + 1)) & ~7UL;
        if (!IsCall(call, placement))
            return false;
        call.Lower(bytes);
        return true;
    }
}
