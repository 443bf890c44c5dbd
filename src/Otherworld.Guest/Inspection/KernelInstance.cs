namespace Otherworld.Guest.Inspection;

/// <summary>One of the kernels that a machine's RAM holds.</summary>
/// <param name="Memory">The RAM.</param>
/// <param name="PhysBase">How far its image lies from where it was linked to lie, bytes: Linux calls it <c>phys_base</c>.</param>
/// <param name="Root">Its own page tables (<c>init_top_pgt</c>), physical.</param>
/// <param name="Generation">1 for the kernel loaded from outside, one more with each crash; 0 for a kernel that is not ours.</param>
public sealed record KernelInstance(PhysicalMemory Memory, ulong PhysBase, ulong Root, uint Generation) : IKernelReader
{
    /// <summary>Linear address at which the kernel's image space begins: <c>__START_KERNEL_map</c>.</summary>
    public const ulong ImageMap = 0xFFFF_FFFF_8000_0000;

    /// <summary>Linear address of physical address 0 without KASLR and with four levels: <c>PAGE_OFFSET</c>.</summary>
    public const ulong DirectMap = 0xFFFF_8880_0000_0000;

    /// <summary>Physical address of something in the kernel's image.</summary>
    public ulong PhysicalOf(ulong symbol) => symbol - ImageMap + PhysBase;

    /// <summary>Reads by linear address of this kernel.</summary>
    /// <returns>False when a byte is not mapped to RAM.</returns>
    public bool TryRead(ulong linear, Span<byte> into)
    {
        const ulong frame = 4096;
        while (into.Length != 0)
        {
            int part = (int)Math.Min((ulong)into.Length, frame - (linear % frame));
            if (!Memory.TryTranslate(Root, linear, out ulong physical) || !Memory.TryRead(physical, into[..part]))
                return false;
            into = into[part..];
            linear += (ulong)part;
        }

        return true;
    }

    /// <summary>Reads one value by linear address of this kernel.</summary>
    public bool TryRead<T>(ulong linear, out T value)
        where T : unmanaged
    {
        value = default;
        return TryRead(linear, System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<T>(ref value)));
    }
}
