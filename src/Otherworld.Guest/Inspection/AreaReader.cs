using System.Text;

namespace Otherworld.Guest.Inspection;

/// <summary>The memory areas of a process.</summary>
/// <param name="kernel">The kernel.</param>
internal sealed class AreaReader(KernelReader kernel)
{
    private const ulong Read = 1, Write = 2, Execute = 4, MayShare = 0x80; // VM_
    private const int PageShift = 12;
    private const int MinorBits = 20;
    private const int LongestName = 64;

    private readonly KernelReader _kernel = kernel;
    private readonly PathReader _paths = new(kernel);

    /// <summary>All by ascending address; none for a kernel thread.</summary>
    /// <param name="task">A <c>task_struct</c>.</param>
    /// <param name="where">Whose they are, for damage.</param>
    public IReadOnlyList<MemoryArea> Of(KernelObject task, string where)
    {
        List<MemoryArea> areas = [];
        string name = $"{where}: memory areas";
        _kernel.Try(name, () =>
        {
            if (task.Follow("mm") is not { } memory)
                return null;
            KernelObject? root = task.Follow("fs") is { } system ? system.At("root") : null;
            foreach ((ulong first, ulong last, ulong entry) in new MapleTree(_kernel, name).Entries(memory.At("mm_mt")))
            {
                if (_kernel.Try($"{where}: memory area at {first:x}", () => Area(memory, first, last, entry, root)) is { } area)
                    areas.Add(area);
            }

            return "";
        });
        return areas;
    }

    private MemoryArea Area(KernelObject memory, ulong first, ulong last, ulong entry, KernelObject? root)
    {
        KernelObject area = _kernel.At(entry, _kernel.Types.Find("vm_area_struct"), entry);
        (ulong start, ulong end) = (area.Word("vm_start"), area.Word("vm_end"));
        if (start != first || end != last + 1)
            throw new KernelDamageException(area.Address, $"the area from {start:x} to {end:x} lies in the tree from {first:x} to {last + 1:x}");
        if (area.Word("vm_mm") != memory.Address)
            throw new KernelDamageException(area.AddressOf("vm_mm"), "belongs to another address space");
        ulong flags = area.Word("vm_flags");
        string permissions = string.Concat(Letter(Read, 'r'), Letter(Write, 'w'), Letter(Execute, 'x'), (flags & MayShare) != 0 ? "s" : "p");
        if (area.Follow("vm_file") is not { } file)
            return new MemoryArea(start, end, permissions, 0, 0, 0, 0, Unfiled(memory, area, start, end));
        KernelObject inode = file.Require("f_inode");
        uint device = (uint)inode.Require("i_sb").Word("s_dev");
        return new MemoryArea(
            start, end, permissions, area.Word("vm_pgoff") << PageShift, device >> MinorBits, device & ((1 << MinorBits) - 1), inode.Word("i_ino"), _paths.NameOf(file.At("f_path"), root));

        string Letter(ulong flag, char letter) => (flags & flag) != 0 ? letter.ToString() : "-";
    }

    /// <summary>What an area without a file is (show_map_vma() of fs/proc/task_mmu.c).</summary>
    private string Unfiled(KernelObject memory, KernelObject area, ulong start, ulong end)
    {
        if (_kernel.Symbols.TryAddressOf("special_mapping_vmops", out ulong special) && area.Word("vm_ops") == special)
            return Text(area.Word("vm_private_data")); // struct vm_special_mapping begins with a pointer to its name
        if (start <= memory.Word("brk") && end >= memory.Word("start_brk"))
            return "[heap]";
        return start <= memory.Word("start_stack") && end >= memory.Word("start_stack") ? "[stack]" : "";
    }

    private string Text(ulong mapping)
    {
        byte[] text = _kernel.Bytes(_kernel.Word(mapping, 8), LongestName);
        int end = Array.IndexOf(text, (byte)0);
        return end < 0 ? throw new KernelDamageException(mapping, "has a name without an end") : Encoding.ASCII.GetString(text, 0, end);
    }
}
