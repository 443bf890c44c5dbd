using System.Tests.Resurrection;
using Emu.Core.State;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace System.Tests.Inspection;

/// <summary>A damaged kernel is told, costs what is damaged, and never keeps us for ever.</summary>
[TestFixture]
public sealed class DamageTests
{
    private const ulong Unmapped = 0xFFFF_C9FF_FFFF_F000;

    private PhysicalMemory _memory = null!;
    private SymbolTable _symbols = null!;
    private KernelInstance _kernel = null!;
    private IReadOnlyList<KernelTask> _tasks = [];

    private static KernelTypes Types => InspectionTests.Types.Value;

    [OneTimeSetUp]
    public void LookAtWholeKernel()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        (_memory, _symbols) = (guest.Memory, guest.Symbols);
        _kernel = new KernelFinder(_memory, _symbols).Live();
        KernelInspector whole = new(_kernel, _symbols, Types);
        _tasks = whole.Tasks();
        Assert.That(_tasks, Has.Count.GreaterThan(10));
        Assert.That(whole.Damages, Is.Empty);
    }

    [TestCase("next", Unmapped, "is no element", TestName = "A wild next pointer")]
    [TestCase("next", 0x10UL, "is no element", TestName = "A small number as next pointer")]
    [TestCase("prev", Unmapped, "points back to", TestName = "A wild back pointer")]
    public void A_broken_list_of_tasks_is_read_from_both_ends(string link, ulong value, string what)
    {
        DamagedMemory memory = new(_memory);
        ulong place = LinkOf(_tasks[4], link);
        memory.Write(_kernel, place, value);
        KernelInspector damaged = Inspect(memory);
        Assert.That(damaged.Tasks(), Is.EqualTo(_tasks));
        Assert.That(damaged.Damages, Has.Some.Matches<Damage>(damage => damage.Where == "the list of tasks" && damage.What.Contains(what, StringComparison.Ordinal)));
        Assert.That(damaged.Damages, Has.None.Matches<Damage>(damage => damage.What.Contains("missing", StringComparison.Ordinal)));
    }

    [Test]
    public void A_circle_in_the_list_of_tasks_ends_and_nobody_is_lost()
    {
        DamagedMemory memory = new(_memory);
        ulong first = LinkOf(_tasks[1], "next"), third = LinkOf(_tasks[3], "next");
        memory.Write(_kernel, third, first);
        KernelInspector damaged = Inspect(memory);
        Assert.That(damaged.Tasks(), Is.EqualTo(_tasks));
        Damage circle = damaged.Damages.Single(damage => damage.What.Contains("runs in a circle", StringComparison.Ordinal));
        Assert.That((circle.Where, circle.Address), Is.EqualTo(("the list of tasks", third)));
    }

    [Test]
    public void Two_breaks_lose_what_lies_between_but_pids_find_it()
    {
        DamagedMemory memory = new(_memory);
        memory.Write(_kernel, LinkOf(_tasks[2], "next"), Unmapped);
        memory.Write(_kernel, LinkOf(_tasks[6], "prev"), Unmapped);
        KernelInspector damaged = Inspect(memory);
        Assert.That(damaged.Tasks(), Is.EqualTo(_tasks));
        Assert.That(damaged.Damages.Count(damage => damage.What.EndsWith("is missing; it was found by its pid", StringComparison.Ordinal)), Is.EqualTo(3));
    }

    [Test]
    public void A_damaged_task_costs_that_task()
    {
        DamagedMemory memory = new(_memory);
        memory.Write(_kernel, _tasks[5].Address + Types.OffsetOf("task_struct", "signal"), 0xDEAD_BEEF);
        KernelInspector damaged = Inspect(memory);
        Assert.That(damaged.Tasks(), Is.EqualTo(_tasks.Where(task => task.Pid != _tasks[5].Pid)));
        Assert.That(damaged.Damages.Select(damage => damage.What), Has.Some.Contains("00000000deadbeef is no address of a kernel structure"));
    }

    [Test]
    public void A_damaged_table_of_files_is_not_believed()
    {
        KernelTask shell = _tasks.Last(task => task.Name == "sh");
        DamagedMemory memory = new(_memory);
        ulong table = Word(Word(shell.Address + Types.OffsetOf("task_struct", "files")) + Types.OffsetOf("files_struct", "fdt"));
        ulong count = table + Types.OffsetOf("fdtable", "max_fds");
        ulong array = Word(table + Types.OffsetOf("fdtable", "fd"));
        memory.Write(_kernel, array + 8, Unmapped);
        KernelInspector one = Inspect(memory);
        Assert.That(one.Files(shell.Pid)!.Select(file => file.Descriptor), Does.Contain(0).And.Contain(2).And.Not.Contain(1));
        Assert.That(one.Damages.Single(), Is.EqualTo(new Damage($"task {shell.Pid} (sh): descriptor 1", array + 8, $"{Unmapped:x16} is not mapped")));
        memory.Write(_kernel, count, 0xFFFF_FFFF);
        KernelInspector all = Inspect(memory);
        Assert.That(all.Files(shell.Pid), Is.Empty);
        Assert.That(all.Damages.Single().What, Does.Contain("more than there can be"));
    }

    [Test]
    public void A_tree_of_memory_areas_that_bites_its_tail_ends()
    {
        KernelTask shell = _tasks.Last(task => task.Name == "sh");
        ulong root = Word(Word(shell.Address + Types.OffsetOf("task_struct", "mm")) + Types.OffsetOf("mm_struct", "mm_mt.ma_root"));
        DamagedMemory memory = new(_memory);
        const ulong leaf = 1 << 3, inner = 2 << 3, kind = 0xF << 3;
        Assert.That(root & kind, Is.EqualTo(leaf).Or.EqualTo(3 << 3), "the kind of the root");
        KernelInspector whole = Inspect(memory);
        Assert.That(whole.Areas(shell.Pid), Has.Count.GreaterThan(3));
        memory.Write(_kernel, Word(shell.Address + Types.OffsetOf("task_struct", "mm")) + Types.OffsetOf("mm_struct", "mm_mt.ma_root"), (root & ~kind) | inner);
        memory.Write(_kernel, (root & ~0xFFUL) + Types.OffsetOf("maple_range_64", "slot"), (root & ~kind) | inner);
        KernelInspector damaged = Inspect(memory);
        damaged.Areas(shell.Pid);
        Assert.That(damaged.Damages.Select(damage => damage.What), Has.Some.Contains("the tree runs in a circle"));
    }

    [Test]
    public void A_page_table_that_leads_to_itself_ends()
    {
        KernelTask shell = _tasks.Last(task => task.Name == "sh");
        ulong top = Word(Word(shell.Address + Types.OffsetOf("task_struct", "mm")) + Types.OffsetOf("mm_struct", "pgd"));
        Assert.That(_memory.TryTranslate(_kernel.Root, top, out ulong physical), Is.True);
        DamagedMemory memory = new(_memory);
        memory.WritePhysical(physical + 8, physical | 7);
        KernelInspector damaged = Inspect(memory);
        Assert.That(damaged.Page(physical >> 12)!.Use, Is.EqualTo($"page table of task {shell.Pid} (sh)"));
        Assert.That(damaged.Damages.Select(damage => damage.What), Has.Some.EqualTo("a page table that is there twice"));
    }

    [TestCase(28)]
    [TestCase(64)]
    [TestCase(256)]
    public void Of_memory_that_ends_early_what_is_left_is_read(int megabytes)
    {
        KernelInspector damaged = Inspect(new DamagedMemory(_memory, megabytes << 8));
        Assert.That(damaged.Tasks(), Is.SubsetOf(_tasks));
        foreach (KernelTask task in damaged.Tasks())
        {
            damaged.Files(task.Pid);
            damaged.Areas(task.Pid);
        }

        if (damaged.Tasks().Count != _tasks.Count)
            Assert.That(damaged.Damages, Is.Not.Empty);
    }

    /// <summary>Words of the kernel's structures are exchanged for wrong ones: whatever comes of it, it ends, and our own code never fails.</summary>
    [Test]
    public void Random_damage_never_keeps_us()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            Prng random = new((ulong)seed);
            DamagedMemory memory = new(_memory);
            for (int i = 0; i < 40; i++)
            {
                KernelTask task = _tasks[(int)(random.Next() % (ulong)_tasks.Count)];
                ulong structure = (random.Next() % 4) switch
                {
                    0 => Word(task.Address + Types.OffsetOf("task_struct", "files")),
                    1 => Word(task.Address + Types.OffsetOf("task_struct", "mm")),
                    _ => task.Address,
                };
                if (structure != 0)
                    memory.Write(_kernel, structure + (random.Next() % 350 * 8), (random.Next() % 3) switch { 0 => random.Next(), 1 => task.Address + (random.Next() % 512 * 8), _ => structure });
            }

            KernelInspector damaged = Inspect(memory);
            foreach (KernelTask task in damaged.Tasks())
            {
                damaged.Files(task.Pid);
                damaged.Areas(task.Pid);
            }

            Assert.That(damaged.Tasks(), Has.Count.LessThanOrEqualTo(2 * _tasks.Count), $"seed {seed}");
        }
    }

    private KernelInspector Inspect(PhysicalMemory memory) => new(_kernel with { Memory = memory }, _symbols, Types);

    private ulong LinkOf(KernelTask task, string link) => task.Address + Types.OffsetOf("task_struct", "tasks." + link);

    private ulong Word(ulong linear)
    {
        Assert.That(_kernel.TryRead(linear, out ulong value), Is.True, $"{linear:x16} cannot be read");
        return value;
    }
}
