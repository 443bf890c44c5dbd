using System.Buffers.Binary;
using Emu.Core.Memory;

namespace Otherworld.Guest.Inspection;

/// <summary>Finds the record of a dead kernel in RAM without symbols, by its magic.</summary>
public static class DeathSearch
{
    private const uint MostGenerations = 1 << 20;
    private const uint LastKind = 3; // OW_CRASH_NMI

    /// <summary>The record of the kernel that died last; null if none has.</summary>
    public static DeathRecord? Find(GuestMemory memory)
    {
        Span<byte> magic = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(magic, DeathRecord.Magic);
        DeathRecord? last = null;
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

    private static DeathRecord? Read(GuestMemory memory, ulong physical)
    {
        byte[] bytes = new byte[DeathRecord.Length];
        if (!memory.Read(physical, bytes) || DeathRecord.Parse(bytes) is not { } record)
            return null;
        ulong table = record.Registers.Cr3 & ~0xFFFUL;
        bool plausible = record.Generation is > 0 and < MostGenerations && record.Kind is >= 1 and <= LastKind && table != 0 && memory.TryOffset(table, out _);
        return plausible ? record : null;
    }
}
