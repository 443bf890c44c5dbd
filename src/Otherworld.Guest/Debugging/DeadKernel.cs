using System.Buffers.Binary;
using Emu.Core.Memory;

namespace Otherworld.Guest.Debugging;

/// <summary>The crash record a dying kernel of ours leaves in its image (<c>struct ow_record</c>, images/kernel/otherworld/otherworld.h), found in RAM by its magic.</summary>
/// <param name="Generation">Of the dead kernel, from 1.</param>
/// <param name="Cr3">Its page tables at death.</param>
internal sealed record DeadKernel(uint Generation, ulong Cr3)
{
    private const ulong Magic = 0x6b636162656d6f63;
    private const int KindAt = 16;
    private const int Cr3At = 208;
    private const int Length = 224;

    /// <summary>The one that died last; null if none has.</summary>
    public static DeadKernel? Find(GuestMemory memory)
    {
        Span<byte> magic = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(magic, Magic);
        DeadKernel? last = null;
        for (int frame = 0; frame < memory.FrameCount; frame++)
        {
            ReadOnlySpan<byte> bytes = memory.Frame(frame);
            for (int at = bytes.IndexOf(magic); at >= 0;)
            {
                if (Read(memory, GuestMemory.PhysicalOf((ulong)frame * GuestMemory.FrameSize) + (ulong)at) is { } found && found.Generation >= (last?.Generation ?? 0))
                    last = found;
                int next = bytes[(at + 1)..].IndexOf(magic);
                at = next < 0 ? -1 : at + 1 + next;
            }
        }

        return last;
    }

    private static DeadKernel? Read(GuestMemory memory, ulong physical)
    {
        Span<byte> record = stackalloc byte[Length];
        if (!memory.Read(physical, record))
            return null;
        uint generation = BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);
        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(record[KindAt..]);
        ulong cr3 = BinaryPrimitives.ReadUInt64LittleEndian(record[Cr3At..]);
        bool plausible = generation is > 0 and < 1 << 20 && kind is >= 1 and <= 3 && memory.TryOffset(cr3 & ~0xFFFUL, out _) && cr3 > 0xFFF;
        return plausible ? new DeadKernel(generation, cr3) : null;
    }
}
