using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emu.Core.Memory;

namespace Otherworld.Guest.Boot;

/// <summary>Builds what the processor needs in memory before the first instruction: descriptor table, stack, page tables.</summary>
internal static class FlatEnvironment
{
    private const ulong Code32 = 0x00CF9B000000FFFF;
    private const ulong Code64 = 0x00AF9B000000FFFF;
    private const ulong Data = 0x00CF93000000FFFF;
    private const ulong BusyTss32 = 0x00008B0000000067;
    private const ulong ProtectedCr0 = 0x11; // PE, ET
    private const ulong LongCr0 = 0x80000011; // PG, ET, PE
    private const ulong PhysicalAddressExtension = 1 << 5;
    private const ulong LongModeEnabledAndActive = (1 << 8) | (1 << 10);
    private const ulong TableEntry = 0x23; // present, writable, accessed
    private const ulong LargePage = 0xE3; // present, writable, accessed, dirty, 2 MiB
    private const int Directories = 4;

    /// <summary>32-bit protected mode without paging, as PVH and multiboot want it.</summary>
    public static EntryState Protected(LoadPlan plan, ulong entry, ulong rax, ulong rbx) => new()
    {
        Mode = EntryMode.Protected32,
        Rip = entry,
        Rax = rax,
        Rbx = rbx,
        Rsp = Stack(plan),
        Cr0 = ProtectedCr0,
        GdtBase = DescriptorTable(plan, Code32),
        GdtLimit = 39,
    };

    /// <summary>Long mode with an identity map of the first 4 GiB, as the 64-bit Linux protocol wants it.</summary>
    public static EntryState Long(LoadPlan plan, ulong entry, ulong rsi) => new()
    {
        Mode = EntryMode.Long64,
        Rip = entry,
        Rsi = rsi,
        Rsp = Stack(plan),
        Cr0 = LongCr0,
        Cr3 = IdentityMap(plan),
        Cr4 = PhysicalAddressExtension,
        Efer = LongModeEnabledAndActive,
        GdtBase = DescriptorTable(plan, Code64),
        GdtLimit = 39,
    };

    private static ulong Stack(LoadPlan plan) => plan.PlaceLow(new byte[GuestMemory.FrameSize], "the boot stack") + GuestMemory.FrameSize;

    private static ulong DescriptorTable(LoadPlan plan, ulong code)
    {
        ReadOnlySpan<ulong> descriptors = [0, 0, code, Data, BusyTss32];
        return plan.PlaceLow(MemoryMarshal.AsBytes(descriptors), "the descriptor table");
    }

    private static ulong IdentityMap(LoadPlan plan)
    {
        const int size = GuestMemory.FrameSize;
        byte[] tables = new byte[(2 + Directories) * size];
        ulong start = plan.PlaceLow(tables, "the page tables");
        Put(0, start + size);
        for (int i = 0; i < Directories; i++)
        {
            Put(size + (i * 8), start + (ulong)((2 + i) * size));
            for (int j = 0; j < 512; j++)
                BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(((2 + i) * size) + (j * 8)), ((ulong)((i * 512) + j) << 21) | LargePage);
        }

        plan.Memory.Write(start, tables);
        return start;

        void Put(int offset, ulong table) => BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(offset), table | TableEntry);
    }
}
