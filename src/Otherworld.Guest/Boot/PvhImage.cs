using System.Buffers.Binary;
using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>An ELF kernel with a PVH entry point (Xen, docs/misc/pvh.pandoc): 32-bit protected mode, EBX points at the start info.</summary>
internal static class PvhImage
{
    private const uint Physical32EntryNote = 18; // XEN_ELFNOTE_PHYS32_ENTRY
    private const uint StartInfoMagic = 0x336EC578;
    private const int StartInfoSize = 56;
    private const int ModuleSize = 32;
    private const int MapRowSize = 24;

    public static bool TryFindEntry(ElfFile elf, out ulong entry)
    {
        foreach (ElfNote note in elf.Notes())
        {
            if (note.Owner != "Xen" || note.Type != Physical32EntryNote || note.Description.Length is not (4 or 8))
                continue;
            entry = note.Description.Length == 4
                ? BinaryPrimitives.ReadUInt32LittleEndian(note.Description)
                : BinaryPrimitives.ReadUInt64LittleEndian(note.Description);
            return true;
        }

        entry = 0;
        return false;
    }

    public static EntryState Load(LoadPlan plan, ElfFile elf, ulong entry, KernelRequest request)
    {
        if (entry > uint.MaxValue)
            throw new OtherworldException($"'{elf.File.Name}' is damaged: its PVH entry {entry:x}h lies above 4 GiB.");
        if (request.Modules.Count > 1)
            throw new OtherworldException($"Linux takes one initrd, {request.Modules.Count} were given. Concatenate them into one file.");
        ElfPlacement.Load(plan, elf);

        byte[] info = new byte[StartInfoSize];
        Put32(info, 0, StartInfoMagic);
        Put32(info, 4, 1);
        if (request.Modules is [FileBytes initrd])
        {
            Initrd.Require(initrd);
            byte[] module = new byte[ModuleSize];
            Put64(module, 0, Initrd.Place(plan, initrd, uint.MaxValue));
            Put64(module, 8, initrd.Length);
            Put32(info, 12, 1);
            Put64(info, 16, plan.PlaceLow(module, "the module list"));
        }

        Put64(info, 24, plan.PlaceLow(CommandLine(request), "the command line"));
        Put64(info, 32, request.Rsdp);
        byte[] map = Map(plan, out int rows);
        Put64(info, 40, plan.PlaceLow(map, "the memory map"));
        Put32(info, 48, (uint)rows);
        return FlatEnvironment.Protected(plan, entry, 0, plan.PlaceLow(info, "the start info"));
    }

    private static byte[] CommandLine(KernelRequest request)
    {
        // Linux keeps 2048 bytes on x86 and would cut the rest off without a word.
        if (request.CommandLine.Length > 2047)
            throw new OtherworldException($"the command line has {request.CommandLine.Length} characters, the kernel takes 2047. Shorten --append.");
        return [.. System.Text.Encoding.ASCII.GetBytes(request.CommandLine), 0];
    }

    private static byte[] Map(LoadPlan plan, out int rows)
    {
        IReadOnlyList<MemoryMapEntry> entries = MemoryMap.Of(plan.Memory);
        byte[] map = new byte[entries.Count * MapRowSize];
        for (int i = 0; i < entries.Count; i++)
        {
            Put64(map, i * MapRowSize, entries[i].Start);
            Put64(map, (i * MapRowSize) + 8, entries[i].Size);
            Put32(map, (i * MapRowSize) + 16, (uint)entries[i].Type);
        }

        rows = entries.Count;
        return map;
    }

    private static void Put32(byte[] target, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(target.AsSpan(offset), value);

    private static void Put64(byte[] target, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(target.AsSpan(offset), value);
}
