using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>Loads the PT_LOAD segments of a kernel at their physical addresses.</summary>
internal static class ElfPlacement
{
    public static void Load(LoadPlan plan, ElfFile elf)
    {
        bool any = false;
        foreach (ElfSegment segment in elf.Segments)
        {
            if (segment.Type != ElfFile.LoadType || segment.MemorySize == 0)
                continue;
            if (segment.FileSize > segment.MemorySize)
                throw new OtherworldException($"'{elf.File.Name}' is damaged: a segment has {segment.FileSize} bytes in the file and {segment.MemorySize} in memory.");
            ReadOnlySpan<byte> content = elf.Content(segment);
            plan.Claim(segment.PhysicalAddress, segment.MemorySize, $"kernel '{elf.File.Name}'");
            plan.Memory.Write(segment.PhysicalAddress, content);
            Clear(plan, segment.PhysicalAddress + segment.FileSize, segment.MemorySize - segment.FileSize);
            any = true;
        }

        if (!any)
            throw new OtherworldException($"'{elf.File.Name}' has no segment to load. Give a linked kernel, not an object file.");
    }

    /// <summary>Zeroes what a file leaves out, without touching pages that are zero already.</summary>
    public static void Clear(LoadPlan plan, ulong start, ulong size)
    {
        byte[] zeroes = new byte[4096];
        byte[] found = new byte[4096];
        for (ulong done = 0; done < size;)
        {
            int chunk = (int)Math.Min(size - done, 4096 - ((start + done) % 4096));
            plan.Memory.Read(start + done, found.AsSpan(0, chunk));
            if (found.AsSpan(0, chunk).ContainsAnyExcept((byte)0))
                plan.Memory.Write(start + done, zeroes.AsSpan(0, chunk));
            done += (ulong)chunk;
        }
    }
}
