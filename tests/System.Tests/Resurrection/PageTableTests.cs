using System.Tests.Inspection;
using Otherworld.Guest.Inspection;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>
/// A kernel that has written beyond the end of an allocation has run into page tables of a process when it dies. Which pages the process has is also said by the
/// pages themselves; where that is damaged, too, the process is refused.
/// </summary>
[TestFixture]
public sealed class PageTableTests
{
    /// <summary>What the end of a network buffer, <c>skb_shared_info</c>, has in its first word: as an entry of a page table, one for a page in swap.</summary>
    private const ulong Stray = 0x0001_0000_0001_0000;

    private const ulong Present = 1, FrameMask = 0x000f_ffff_ffff_f000, EntriesOfUser = 256, Entries = 512, PageSize = 4096;

    private WitnessGuest _guest = null!;

    /// <param name="scenario">Private pages of every kind, and some that a parent and a child still share.</param>
    /// <param name="value">What is in place of the entries.</param>
    /// <param name="level">Of these tables: 1 the lowest, which name pages.</param>
    [Test]
    public void Pages_that_no_table_names_any_more_come_back([Values("heap", "private-file", "copy-on-write", "shared-file")] string scenario, [Values(Stray, 0UL)] ulong value, [Values(1, 2)] int level)
    {
        Start(scenario);
        foreach (ulong entry in EntriesOf(MemoryOf(Victim()), level).ToArray())
            _guest.Overwrite(entry, value);
        Die();
        Assert.That(Reasons(), Is.Empty, _guest.Tail());
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(_guest.Marks.Count(mark => mark.Name == "page-table"), Is.EqualTo(1), _guest.Tail());
    }

    /// <summary>One page is named neither by its table nor, any more, by itself.</summary>
    [TestCase(Stray, "swapped-page")]
    [TestCase(0UL, "lost-page")]
    public void A_page_that_nothing_names_any_more_is_not_taken_for_one_of_zeroes(ulong value, string reason)
    {
        Start("heap");
        (ulong entry, ulong page) = EntriesOf(MemoryOf(Victim()), 1).Select(entry => (entry, PageOf(_guest.Word(entry)))).First(pair => IsItsOwn(pair.Item2));
        _guest.Overwrite(entry, value);
        _guest.Overwrite(page + OffsetOf("page", "mapping"), 0);
        Die();
        Assert.That(Reasons(), Is.EqualTo(new[] { reason }), _guest.Tail());
    }

    /// <summary>Linux empties a table that is none, and goes on: what the process had there reads as zeroes from then on.</summary>
    [Test]
    public void A_kernel_that_finds_a_table_that_is_none_dies_of_it()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.Type("/data/tests/witness");
        _guest.RunTo("exit_mmap");
        _guest.Overwrite(EntriesOf(_guest.Parameter, 2).First(), Stray);
        _guest.WaitForGate();
        Assert.That(_guest.Tail(), Does.Contain("died: bad page table, at unmap_page_range+"));
        Assert.That(_guest.Ask("echo alive"), Does.Contain("alive\r\n"), _guest.Tail());
    }

    private void Start(string scenario)
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait([scenario]);
        _guest.Pass(50_000_000);
        _guest.RunToKernelMode();
    }

    private void Die()
    {
        _guest.Kill();
        _guest.WaitForGate();
    }

    /// <summary>The process of the scenario: of those with its name the last that was started has no children.</summary>
    private KernelTask Victim() => InspectionTests.Inspector(_guest).Tasks().Where(task => task.Name == "witness").MaxBy(task => task.Pid)!;

    /// <summary>What says which memory a process has, its <c>mm_struct</c>.</summary>
    private ulong MemoryOf(KernelTask task) => _guest.Word(task.Address + OffsetOf("task_struct", "mm"));

    /// <summary>Where the used entries lie in the tables of a level.</summary>
    private IEnumerable<ulong> EntriesOf(ulong mm, int level)
    {
        IEnumerable<ulong> entries = Used(_guest.Word(mm + OffsetOf("mm_struct", "pgd")), EntriesOfUser);
        for (int above = 4; above > level; above--)
            entries = entries.SelectMany(entry => Used(KernelInstance.DirectMap + (_guest.Word(entry) & FrameMask), Entries));
        return entries;
    }

    private IEnumerable<ulong> Used(ulong table, ulong count)
    {
        for (ulong entry = table; entry < table + (count * sizeof(ulong)); entry += sizeof(ulong))
        {
            if ((_guest.Word(entry) & Present) != 0)
                yield return entry;
        }
    }

    private static ulong PageOf(ulong entry) => WitnessGuest.PageMap + ((entry & FrameMask) / PageSize * SizeOf("page"));

    /// <summary>Private, by the lowest bits of what it belongs to (PAGE_MAPPING_ANON), and in no other page table.</summary>
    private bool IsItsOwn(ulong page) => _guest.Word(page + OffsetOf("page", "mapping")) % 4 == 1 && (uint)_guest.Word(page + OffsetOf("page", "_mapcount")) == 0;

    private IEnumerable<string> Reasons() => _guest.Marks.Where(mark => mark.Name == "not-resurrected").Select(mark => mark.Values["reason"]);
}
