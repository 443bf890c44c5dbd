using System.Buffers.Binary;
using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>A multiboot 1 kernel: 32-bit protected mode, EAX the loader's magic, EBX the information structure (specification 3.2, 3.3).</summary>
internal static class MultibootImage
{
    private const uint LoaderMagic = 0x2BADB002;
    private const int InfoSize = 88;
    private const int ModuleSize = 16;
    private const int MapRowSize = 24;
    private const uint HasMemory = 1, HasCommandLine = 1 << 2, HasModules = 1 << 3, HasMap = 1 << 6, HasLoaderName = 1 << 9;

    public static EntryState Load(LoadPlan plan, MultibootHeader header, KernelRequest request)
    {
        ulong entry = header.HasAddresses ? LoadByAddresses(plan, request.Kernel, header) : LoadElf(plan, request.Kernel);
        byte[] info = new byte[InfoSize];
        uint flags = HasMemory | HasCommandLine | HasMap | HasLoaderName;
        Put(info, 4, (uint)(MemoryMap.LowEnd >> 10));
        Put(info, 8, (uint)((plan.Memory.LowSize - MemoryMap.HighStart) >> 10));
        Put(info, 16, PlaceText(plan, request.CommandLine, "the command line"));
        if (request.Modules.Count != 0)
        {
            flags |= HasModules;
            Put(info, 20, (uint)request.Modules.Count);
            Put(info, 24, PlaceModules(plan, request.Modules));
        }

        byte[] map = Map(plan);
        Put(info, 44, (uint)map.Length);
        Put(info, 48, (uint)plan.PlaceLow(map, "the memory map"));
        Put(info, 64, PlaceText(plan, "otherworld", "the loader's name"));
        Put(info, 0, flags);
        return FlatEnvironment.Protected(plan, entry, LoaderMagic, plan.PlaceLow(info, "the multiboot information"));
    }

    private static ulong LoadElf(LoadPlan plan, FileBytes kernel)
    {
        ElfFile elf = new(kernel);
        ElfPlacement.Load(plan, elf);
        if (elf.Entry > uint.MaxValue)
            throw new OtherworldException($"'{kernel.Name}' enters at {elf.Entry:x}h; multiboot starts kernels below 4 GiB.");
        return elf.Entry;
    }

    /// <summary>The header's own addresses (specification 3.1.3).</summary>
    private static ulong LoadByAddresses(LoadPlan plan, FileBytes kernel, MultibootHeader header)
    {
        uint headerAddress = kernel.U32(header.Offset + 12), load = kernel.U32(header.Offset + 16);
        uint loadEnd = kernel.U32(header.Offset + 20), clearEnd = kernel.U32(header.Offset + 24), entry = kernel.U32(header.Offset + 28);
        ulong before = unchecked(headerAddress - load);
        if (load > headerAddress || before > header.Offset || (loadEnd != 0 && loadEnd < load))
            throw new OtherworldException($"'{kernel.Name}' is damaged: its multiboot addresses ({headerAddress:x}h, {load:x}h, {loadEnd:x}h) contradict each other.");
        ulong start = header.Offset - before;
        ulong size = loadEnd == 0 ? kernel.Length - start : loadEnd - load;
        ReadOnlySpan<byte> content = kernel.Slice(start, size);
        ulong end = Math.Max(load + size, clearEnd);
        plan.Claim(load, end - load, $"kernel '{kernel.Name}'");
        plan.Memory.Write(load, content);
        ElfPlacement.Clear(plan, load + size, end - load - size);
        return entry;
    }

    private static uint PlaceModules(LoadPlan plan, IReadOnlyList<FileBytes> modules)
    {
        byte[] list = new byte[modules.Count * ModuleSize];
        for (int i = 0; i < modules.Count; i++)
        {
            ulong start = plan.Place(modules[i].Length, MemoryMap.HighStart, plan.Memory.LowSize, $"module '{modules[i].Name}'");
            plan.Memory.Write(start, modules[i].Span);
            Put(list, i * ModuleSize, (uint)start);
            Put(list, (i * ModuleSize) + 4, (uint)(start + modules[i].Length));
            Put(list, (i * ModuleSize) + 8, PlaceText(plan, Path.GetFileName(modules[i].Name), "a module's name"));
        }

        return (uint)plan.PlaceLow(list, "the module list");
    }

    private static byte[] Map(LoadPlan plan)
    {
        IReadOnlyList<MemoryMapEntry> entries = MemoryMap.Of(plan.Memory);
        byte[] map = new byte[entries.Count * MapRowSize];
        for (int i = 0; i < entries.Count; i++)
        {
            int row = i * MapRowSize;
            Put(map, row, MapRowSize - 4); // the size does not count itself
            BinaryPrimitives.WriteUInt64LittleEndian(map.AsSpan(row + 4), entries[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(map.AsSpan(row + 12), entries[i].Size);
            Put(map, row + 20, (uint)entries[i].Type);
        }

        return map;
    }

    private static uint PlaceText(LoadPlan plan, string text, string what) => (uint)plan.PlaceLow([.. System.Text.Encoding.ASCII.GetBytes(text), 0], what);

    private static void Put(byte[] target, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(target.AsSpan(offset), value);
}
