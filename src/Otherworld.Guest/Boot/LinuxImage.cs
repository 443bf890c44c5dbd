using System.Buffers.Binary;
using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>A Linux bzImage by the 64-bit boot protocol (Linux, Documentation/x86/boot.rst, "64-bit Boot Protocol").</summary>
internal static class LinuxImage
{
    private const ulong SetupSects = 0x1F1;
    private const ulong SysSize = 0x1F4;
    private const ulong BootFlag = 0x1FE;
    private const ulong Header = 0x202;
    private const ulong LoadFlags = 0x211;
    private const ulong InitrdAddrMax = 0x22C;
    private const ulong XLoadFlags = 0x236;
    private const ulong CmdlineSize = 0x238;
    private const ulong PrefAddress = 0x258;
    private const ulong InitSize = 0x260;

    private const uint HdrS = 0x53726448;
    private const ushort Oldest = 0x020C; // 2.12 brought xloadflags
    private const ushort XlfKernel64 = 1;
    private const ulong EntryOffset = 0x200;
    private const ulong LoadAddress = 0x100000;
    private const int ZeroPageSize = 4096;
    private const int MapRowSize = 20;

    public static bool IsLinux(FileBytes file) => file.Length >= 0x206 && file.U16(BootFlag) == 0xAA55 && file.U32(Header) == HdrS;

    public static EntryState Load(LoadPlan plan, KernelRequest request)
    {
        FileBytes kernel = request.Kernel;
        RequireSupported(kernel);
        if (request.Modules.Count > 1)
            throw new OtherworldException($"Linux takes one initrd, {request.Modules.Count} were given. Concatenate them into one file.");

        ulong setup = (kernel.U8(SetupSects) == 0 ? 4UL : kernel.U8(SetupSects)) + 1;
        ulong setupSize = setup * 512;
        ulong systemSize = kernel.U32(SysSize) * 16UL;
        if (systemSize == 0)
            throw new OtherworldException($"'{kernel.Name}' is damaged: its header tells of no protected-mode kernel.");
        if (setupSize + systemSize > kernel.Length)
            throw new OtherworldException($"kernel '{kernel.Name}' is truncated: it has {kernel.Length:#,0} bytes, its header tells of {setupSize + systemSize:#,0}. Copy it again.");

        // The kernel unpacks itself to its preferred address, or where it was loaded if that is higher, and needs init_size bytes there.
        ulong preferred = kernel.U64(PrefAddress);
        ulong initSize = kernel.U32(InitSize);
        ReadOnlySpan<byte> system = kernel.Slice(setupSize, systemSize);
        ulong end = Math.Max(LoadAddress + systemSize, Math.Max(preferred, LoadAddress) + initSize);
        if (end < LoadAddress || preferred > uint.MaxValue)
            throw new OtherworldException($"'{kernel.Name}' is damaged: it wants to lie at {preferred:x}h.");
        plan.Claim(LoadAddress, end - LoadAddress, $"kernel '{kernel.Name}'");
        plan.Memory.Write(LoadAddress, system);

        byte[] zeroPage = ZeroPage(plan, request);
        ulong address = plan.PlaceLow(zeroPage, "the zero page");
        return FlatEnvironment.Long(plan, LoadAddress + EntryOffset, address);
    }

    private static void RequireSupported(FileBytes kernel)
    {
        ushort version = kernel.U16(0x206);
        if (version < Oldest)
            throw new OtherworldException($"'{kernel.Name}' speaks boot protocol {version >> 8}.{version & 0xFF:00}; 2.12 or later is wanted (Linux 3.8).");
        if ((kernel.U8(LoadFlags) & 1) == 0)
            throw new OtherworldException($"'{kernel.Name}' is a zImage, which loads low. Give a bzImage.");
        if ((kernel.U16(XLoadFlags) & XlfKernel64) == 0)
            throw new OtherworldException($"'{kernel.Name}' is a 32-bit Linux kernel. Give a 64-bit bzImage.");
    }

    /// <summary>boot_params: the setup header as it is in the file, completed, and the memory map.</summary>
    private static byte[] ZeroPage(LoadPlan plan, KernelRequest request)
    {
        FileBytes kernel = request.Kernel;
        byte[] page = new byte[ZeroPageSize];
        ulong headerEnd = Math.Min(Header + kernel.U8(0x201), 0x290);
        kernel.Slice(SetupSects, headerEnd - SetupSects).CopyTo(page.AsSpan((int)SetupSects));
        page[0x210] = 0xFF; // type_of_loader: none of the registered ones

        Put64(page, 0x70, request.Rsdp);
        uint longest = kernel.U32(CmdlineSize);
        if ((uint)request.CommandLine.Length > longest)
            throw new OtherworldException($"the command line has {request.CommandLine.Length} characters, '{kernel.Name}' takes {longest}. Shorten --append.");
        byte[] commandLine = [.. System.Text.Encoding.ASCII.GetBytes(request.CommandLine), 0];
        Put32(page, 0x228, (uint)plan.PlaceLow(commandLine, "the command line"));

        if (request.Modules is [FileBytes initrd])
        {
            Initrd.Require(initrd);
            Put32(page, 0x218, (uint)Initrd.Place(plan, initrd, kernel.U32(InitrdAddrMax)));
            Put32(page, 0x21C, checked((uint)initrd.Length));
        }

        IReadOnlyList<MemoryMapEntry> map = MemoryMap.Of(plan.Memory);
        page[0x1E8] = (byte)map.Count;
        for (int i = 0; i < map.Count; i++)
        {
            int row = 0x2D0 + (i * MapRowSize);
            Put64(page, row, map[i].Start);
            Put64(page, row + 8, map[i].Size);
            Put32(page, row + 16, (uint)map[i].Type);
        }

        return page;
    }

    private static void Put32(byte[] target, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(target.AsSpan(offset), value);

    private static void Put64(byte[] target, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(target.AsSpan(offset), value);
}
