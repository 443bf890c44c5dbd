using Emu.Core;
using Emu.Core.Memory;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>Puts a kernel with its modules and command line into guest RAM by the protocol its file announces.</summary>
public static class KernelLoader
{
    /// <summary>Recognises the kernel and loads it.</summary>
    /// <returns>The processor's state at its first instruction.</returns>
    /// <exception cref="OtherworldException">The kernel or a module is foreign, truncated, or does not fit.</exception>
    public static EntryState Load(GuestMemory memory, KernelRequest request)
    {
        LoadPlan plan = new(memory);
        FileBytes kernel = request.Kernel;
        foreach (char character in request.CommandLine)
        {
            if (character is < ' ' or > '~')
                throw new OtherworldException($"the command line has character U+{(int)character:X4}; printable ASCII is wanted.");
        }

        if (LinuxImage.IsLinux(kernel))
            return LinuxImage.Load(plan, request);
        if (ElfFile.IsElf(kernel))
        {
            ElfFile elf = new(kernel);
            if (PvhImage.TryFindEntry(elf, out ulong entry))
                return PvhImage.Load(plan, elf, entry, request);
        }

        if (MultibootHeader.TryFind(kernel, out MultibootHeader header))
            return MultibootImage.Load(plan, header, request);
        throw new OtherworldException(ElfFile.IsElf(kernel)
            ? $"'{kernel.Name}' is an ELF file without PVH note and without multiboot header. Build Linux with CONFIG_PVH=y or give its bzImage."
            : $"'{kernel.Name}' is no kernel we know (it begins with {Beginning(kernel)}). Give a Linux bzImage, a vmlinux with PVH note, or a multiboot image.");
    }

    private static string Beginning(FileBytes file) =>
        file.Length == 0 ? "nothing: it is empty" : Convert.ToHexStringLower(file.Slice(0, Math.Min(file.Length, 8)));
}
