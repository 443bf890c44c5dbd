using System.Text;
using Emu.Core;
using Emu.Core.Memory;

namespace Otherworld.Guest.Inspection;

/// <summary>Says what a kernel has a page of memory for: by its <c>struct page</c>, and by the page tables of all processes.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="tasks">Its processes.</param>
internal sealed class PageReader(KernelReader kernel, TaskReader tasks)
{
    private const ulong PageArray = 0xFFFF_EA00_0000_0000; // VMEMMAP_START without KASLR
    private const ulong Anonymous = 1, Movable = 2, MappingFlags = 3; // PAGE_MAPPING_
    private const uint TypeBase = 0xF000_0000, Buddy = 0x80, TableType = 0x200; // PAGE_TYPE_BASE, PG_buddy, PG_table
    private const int LongestName = 64;

    private readonly KernelReader _kernel = kernel;
    private readonly TaskReader _tasks = tasks;
    private readonly PathReader _paths = new(kernel);

    /// <summary>Looks at a page.</summary>
    /// <param name="frame">Its number: physical address / 4096.</param>
    /// <exception cref="OtherworldException">There is no RAM.</exception>
    public PageInfo? Of(ulong frame)
    {
        ulong physical = frame * GuestMemory.FrameSize;
        if (frame > ulong.MaxValue / GuestMemory.FrameSize || !_kernel.Kernel.Memory.TryRead(physical, out byte _))
            throw new OtherworldException($"page {frame} (physical address {physical:x}) is no RAM of this machine.");
        return _kernel.Try($"page {frame}", () => Read(frame, physical));
    }

    /// <summary>The pages of a process's own and of files in the page tables of its user half, by ascending address; large ones in pieces of 4 KiB.</summary>
    /// <param name="task">A <c>task_struct</c>.</param>
    /// <param name="where">Whose they are, for damage.</param>
    public IReadOnlyList<UserPage> Of(KernelObject task, string where)
    {
        List<UserPage> pages = [];
        _kernel.Try(where, () =>
        {
            if (task.Follow("mm") is not { } memory)
                return null;
            UserPages walk = new(_kernel)
            {
                Mapping = (linear, physical, size, _) =>
                {
                    for (ulong at = 0; at < size; at += GuestMemory.FrameSize)
                        pages.Add(new UserPage(linear + at, physical + at, IsAnonymous(physical + at)));
                },
                Table = _ => { },
            };
            walk.Walk(memory, where);
            return "";
        });
        return pages;
    }

    private bool IsAnonymous(ulong physical)
    {
        int type = _kernel.Types.Find("page");
        ulong address = PageArray + (physical / GuestMemory.FrameSize * (ulong)_kernel.Types.SizeOf(type));
        return (HeadOf(new KernelObject(_kernel, address, type)).Word("mapping") & MappingFlags) == Anonymous;
    }

    private PageInfo Read(ulong frame, ulong physical)
    {
        int type = _kernel.Types.Find("page");
        ulong address = PageArray + (frame * (ulong)_kernel.Types.SizeOf(type));
        KernelObject page = HeadOf(_kernel.At(address, type, address));
        List<string> flags = FlagsOf(page.Word("flags"));
        bool isSlab = flags.Contains("slab");
        long mapped = page.Number("_mapcount.counter");
        uint kind = (uint)page.Word("page_type");
        bool isTyped = !isSlab && (kind & TypeBase) == TypeBase && kind != uint.MaxValue;
        (List<PageUser> users, string? special) = UsersOf(physical);
        long? mappings = isSlab || isTyped ? null : mapped + 1;
        ulong mapping = isSlab || isTyped ? 0 : page.Word("mapping");
        bool isUser = special is null && !isSlab && !isTyped;
        if (isUser && users.Count != mappings)
            _kernel.Report($"page {frame}", page.AddressOf("_mapcount"), $"counts {mappings} mappings; the page tables of all processes have {users.Count}");
        string use = special ?? (isSlab ? "slab " + CacheOf(page.Address) : isTyped ? TypeName(kind) : MappingName(mapping, flags));
        ulong? index = isUser && mapping != 0 ? page.Word("index") : null;
        return new PageInfo(frame, use, flags, page.Number("_refcount.counter"), mappings, mapping, index, users, page.Address);
    }

    /// <summary>Pages that were allocated together are described by the first of them (compound_head()).</summary>
    private KernelObject HeadOf(KernelObject page)
    {
        ulong head = page.Word("compound_head");
        return (head & 1) == 0 ? page : _kernel.At(head & ~1UL, page.Type, page.AddressOf("compound_head"));
    }

    private List<string> FlagsOf(ulong flags)
    {
        List<string> names = [];
        HashSet<long> bits = [];
        foreach ((string name, long bit) in _kernel.Types.ValuesOf("pageflags"))
        {
            if (name.StartsWith("__", StringComparison.Ordinal))
                break; // __NR_PAGEFLAGS; what follows are other names of the same bits
            if (bits.Add(bit) && (flags >> (int)bit & 1) != 0)
                names.Add(name["PG_".Length..]);
        }

        return names;
    }

    /// <summary>The processes that map a frame, and what the frame is if it is the kernel's own: its image, a page table, a stack.</summary>
    private (List<PageUser> Users, string? Special) UsersOf(ulong physical)
    {
        List<PageUser> users = [];
        string? special = ImageName(physical);
        HashSet<ulong> spaces = [];
        foreach (KernelTask task in _tasks.All())
        {
            string where = $"task {task.Pid} ({task.Name})";
            _kernel.Try($"{where}: page tables", () =>
            {
                KernelObject structure = _tasks.ObjectOf(task);
                if (IsStack(structure, physical))
                    special = $"kernel stack of {where}";
                if (structure.Follow("mm") is { } memory && spaces.Add(memory.Address))
                    Walk(memory, task, where);
                return "";
            });
        }

        return (users, special);

        void Walk(KernelObject memory, KernelTask task, string where) => new UserPages(_kernel)
        {
            Mapping = (linear, first, size, writable) =>
            {
                if (physical - first < size)
                    users.Add(new PageUser(task.Pid, task.Name, linear + (physical - first), writable));
            },
            Table = table => special = table == physical ? $"page table of {where}" : special,
        }.Walk(memory, $"{where}: page tables");
    }

    private string? ImageName(ulong physical)
    {
        ulong linear = physical - _kernel.Kernel.PhysBase + KernelInstance.ImageMap;
        return linear >= _kernel.Symbols.AddressOf("_text") && linear < _kernel.Symbols.AddressOf("_end") ? $"kernel image at {_kernel.Symbols.Describe(linear)}" : null;
    }

    private bool IsStack(KernelObject task, ulong physical)
    {
        const ulong size = 16 << 10; // THREAD_SIZE
        ulong stack = task.Word("stack");
        for (ulong offset = 0; stack != 0 && offset < size; offset += GuestMemory.FrameSize)
        {
            if (_kernel.Kernel.Memory.TryTranslate(_kernel.Kernel.Root, stack + offset, out ulong place) && place == physical)
                return true;
        }

        return false;
    }

    private string CacheOf(ulong page)
    {
        KernelObject slab = _kernel.At(page, _kernel.Types.Find("slab"), page);
        ulong name = slab.Require("slab_cache").Word("name");
        byte[] text = _kernel.Bytes(name, LongestName);
        int end = Array.IndexOf(text, (byte)0);
        return end < 0 ? throw new KernelDamageException(name, "is a name without an end") : Encoding.ASCII.GetString(text, 0, end);
    }

    /// <summary>A type's bit is clear in <c>page_type</c>; all others are set.</summary>
    private static string TypeName(uint kind) => (kind & Buddy) == 0 ? "free" : (kind & TableType) == 0 ? "page table" : $"page of type {kind:x8}";

    private string MappingName(ulong mapping, List<string> flags)
    {
        if (mapping == 0)
            return flags.Contains("reserved") ? "reserved" : "kernel memory, or free in a list of its own";
        if ((mapping & MappingFlags) == Anonymous)
            return "anonymous";
        if ((mapping & Movable) != 0)
            return "movable kernel memory";
        KernelObject space = _kernel.At(mapping, _kernel.Types.Find("address_space"), mapping);
        return space.Follow("host") is { } inode ? "file " + _paths.NameOfInode(inode) : "page cache without a file";
    }
}
