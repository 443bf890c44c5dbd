using System.Text;
using Emu.Core.Memory;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>One bit of the kernel's heap is flipped, in an object of a slab.</summary>
internal sealed class HeapBit : DataFault
{
    private const ulong PageArray = 0xFFFF_EA00_0000_0000; // VMEMMAP_START without KASLR
    private const int MostDraws = 1 << 20;
    private const int LongestName = 64;

    /// <inheritdoc/>
    public override string Name => "heap";

    /// <inheritdoc/>
    public override string Summary => "flip one bit of a slab object; SITE is a slab cache";

    /// <inheritdoc/>
    protected override (ulong Address, string Place) Draw(FaultPlacement placement, KernelReader kernel)
    {
        int pageType = kernel.Types.Find("page");
        ulong pageSize = (ulong)kernel.Types.SizeOf(pageType);
        int slabBit = (int)kernel.Types.ValuesOf("pageflags").First(flag => flag.Name == "PG_slab").Value;
        placement.DrewFrom("all pages of slabs, each as likely");
        for (int draw = 0; draw < MostDraws; draw++)
        {
            ulong frame = GuestMemory.PhysicalOf(placement.Below((ulong)kernel.Kernel.Memory.FrameCount) * GuestMemory.FrameSize) / GuestMemory.FrameSize;
            if (HeadOf(kernel, new KernelObject(kernel, PageArray + (frame * pageSize), pageType)) is not { } head || (head.Word("flags") >> slabBit & 1) == 0)
                continue;
            KernelObject slab = new(kernel, head.Address, kernel.Types.Find("slab"));
            if (slab.Follow("slab_cache") is not { } cache || NameOf(kernel, cache.Word("name")) is not { } name || (placement.Spec.Site ?? name) != name)
                continue;
            ulong objects = slab.Word("objects"), size = cache.Word("size"), length = cache.Word("object_size");
            if (objects == 0 || length == 0)
                continue;
            ulong number = placement.Below(objects);
            ulong within = placement.Below(length);
            ulong first = KernelInstance.DirectMap + ((head.Address - PageArray) / pageSize * GuestMemory.FrameSize);
            return (first + (number * size) + within, $"byte {within} of an object of {name}");
        }

        throw placement.Refuse(placement.Spec.Site is { } site ? $"the kernel has no slab cache '{site}' with a slab." : "the kernel has no slabs.");
    }

    /// <summary>Pages that were allocated together are described by the first of them (compound_head()).</summary>
    private static KernelObject? HeadOf(KernelReader kernel, KernelObject page)
    {
        if (!kernel.Kernel.TryRead(page.AddressOf("compound_head"), out ulong head))
            return null;
        return (head & 1) == 0 ? page : page with { Address = head & ~1UL };
    }

    private static string? NameOf(KernelReader kernel, ulong address)
    {
        byte[] text = kernel.Bytes(address, LongestName);
        int end = Array.IndexOf(text, (byte)0);
        return end <= 0 ? null : Encoding.ASCII.GetString(text, 0, end);
    }
}
