using System.Globalization;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Faults;

/// <summary>One bit of the kernel's data is flipped. It is activated when it is read; it never is when it is overwritten first.</summary>
internal abstract class DataFault : FaultClass
{
    private const int BitsOfByte = 8;

    /// <inheritdoc/>
    public override string Source => FaultSources.Rio;

    /// <summary>Draws a byte.</summary>
    /// <returns>Its linear address, and what it is in words.</returns>
    protected abstract (ulong Address, string Place) Draw(FaultPlacement placement, KernelReader kernel);

    /// <inheritdoc/>
    internal override void Place(FaultPlacement placement)
    {
        (ulong address, string place) = TryDraw(placement);
        if (placement.Memory.ReadBytes(address, 1) is not [byte before])
            throw placement.Refuse(string.Create(CultureInfo.InvariantCulture, $"{place} at {address:x16} is not mapped: the kernel's structures are damaged."));
        int bit = (int)placement.Below(BitsOfByte);
        placement.Patch(address, place, [(byte)(before ^ (1 << bit))], string.Create(CultureInfo.InvariantCulture, $"bit {bit} of {place}"));
        placement.Watch(address);
    }

    private (ulong Address, string Place) TryDraw(FaultPlacement placement)
    {
        try
        {
            return Draw(placement, placement.ReadKernel());
        }
        catch (KernelDamageException damage)
        {
            throw placement.Refuse($"the kernel's structures are damaged: {damage.Message}");
        }
    }
}
