using System.Runtime.InteropServices;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.X86;

namespace Otherworld.Guest.Inspection;

/// <summary>Guest memory by linear address, through the page tables in force, without leaving a trace (no accessed bits, no TLB).</summary>
/// <param name="memory">Guest RAM.</param>
/// <param name="processor">Whose CR3 holds.</param>
public sealed class KernelMemory(GuestMemory memory, X86Processor processor)
{
    private readonly GuestMemory _memory = memory;
    private readonly X86Processor _processor = processor;

    /// <summary>Physical address of a linear one (4-level paging, SDM 3A 4.5).</summary>
    /// <returns>False where nothing is mapped.</returns>
    public bool TryTranslate(ulong linear, out ulong physical) =>
        PageWalk.TryTranslate(_processor.State.Cr3, linear, _memory.Read<ulong>, out physical);

    /// <summary>Reads one value.</summary>
    /// <returns>False when a byte of it is not mapped to RAM.</returns>
    public bool TryRead<T>(ulong linear, out T value)
        where T : unmanaged
    {
        value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!TryTranslate(linear + (ulong)i, out ulong physical) || !_memory.Read(physical, bytes.Slice(i, 1)))
                return false;
        }

        return true;
    }

    /// <summary>What must be put into RAM to have bytes at a linear address, whatever the page tables forbid.</summary>
    /// <returns>A patch for each frame; null when a byte is not mapped to RAM.</returns>
    public IReadOnlyList<MemoryPatch>? Patch(ulong linear, ReadOnlyMemory<byte> bytes)
    {
        List<MemoryPatch> patches = [];
        while (bytes.Length > 0)
        {
            int length = Math.Min(bytes.Length, GuestMemory.FrameSize - (int)(linear % GuestMemory.FrameSize));
            if (!TryTranslate(linear, out ulong physical) || !_memory.Holds(physical, length))
                return null;
            patches.Add(new MemoryPatch(physical, bytes[..length]));
            bytes = bytes[length..];
            linear += (ulong)length;
        }

        return patches;
    }
}
