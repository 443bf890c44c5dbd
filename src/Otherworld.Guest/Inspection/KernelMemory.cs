using System.Runtime.InteropServices;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.X86;

namespace Otherworld.Guest.Inspection;

/// <summary>Guest memory by linear address, through the page tables in force, without leaving a trace (no accessed bits, no TLB).</summary>
/// <param name="memory">Guest RAM.</param>
/// <param name="processor">Whose CR3 holds.</param>
public sealed class KernelMemory(GuestMemory memory, X86Processor processor) : IKernelReader
{
    private readonly GuestMemory _memory = memory;
    private readonly X86Processor _processor = processor;

    private AddressSpace Space => AddressSpace.Of(_memory, ref _processor.State);

    /// <summary>Physical address of a linear one.</summary>
    /// <returns>False where nothing is mapped, or no RAM.</returns>
    public bool TryTranslate(ulong linear, out ulong physical) => Space.TryTranslate(linear, out physical);

    /// <summary>Reads one value.</summary>
    /// <returns>False when a byte of it is not mapped to RAM.</returns>
    public bool TryRead<T>(ulong linear, out T value)
        where T : unmanaged
    {
        value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        return Space.Read(linear, bytes) == bytes.Length;
    }

    /// <summary>Reads bytes, up to the first that is not mapped to RAM.</summary>
    public byte[] ReadBytes(ulong linear, int length)
    {
        byte[] bytes = new byte[length];
        return bytes[..Space.Read(linear, bytes)];
    }

    /// <summary>What must be put into RAM to have bytes at a linear address, whatever the page tables forbid.</summary>
    /// <returns>A patch for each frame; null when a byte is not mapped to RAM.</returns>
    public IReadOnlyList<MemoryPatch>? Patch(ulong linear, ReadOnlyMemory<byte> bytes)
    {
        List<MemoryPatch> patches = [];
        int done = 0;
        foreach ((ulong physical, int length) in Space.Pieces(linear, bytes.Length))
        {
            patches.Add(new MemoryPatch(physical, bytes.Slice(done, length)));
            done += length;
        }

        return done == bytes.Length ? patches : null;
    }
}
