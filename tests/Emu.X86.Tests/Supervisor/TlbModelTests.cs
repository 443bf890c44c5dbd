using Emu.X86.Paging;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>The model of a TLB: what it holds, what makes it forget, and that the guest cannot tell whether there is one.</summary>
public sealed class TlbModelTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const int Small = 12;
    private const int FirstSets = TlbModel.FirstEntries / TlbModel.Ways;
    private const int SecondSets = TlbModel.SecondEntries / TlbModel.Ways;

    [TestCase(TlbModel.FirstEntries, 0, 0)]
    [TestCase(TlbModel.FirstEntries + FirstSets, TlbModel.FirstEntries + FirstSets, 0)]
    [TestCase(TlbModel.SecondEntries, TlbModel.SecondEntries, 0)]
    [TestCase(TlbModel.SecondEntries + SecondSets, TlbModel.SecondEntries + SecondSets, TlbModel.SecondEntries + SecondSets)]
    public void Consecutive_pages_once_more(int pages, int firstMisses, int walks)
    {
        TlbModel model = new();
        Touch(model, pages);
        TlbModelCounts cold = model.Counts;
        Touch(model, pages);
        Assert.That(cold, Is.EqualTo(new TlbModelCounts((ulong)pages, (ulong)pages)));
        Assert.That(model.Counts - cold, Is.EqualTo(new TlbModelCounts((ulong)firstMisses, (ulong)walks)));
    }

    [Test]
    public void The_least_recently_used_page_of_a_set_makes_room()
    {
        TlbModel model = new();
        ulong[] pages = [.. Enumerable.Range(0, TlbModel.Ways + 1).Select(way => (ulong)(way * FirstSets) << Small)];
        foreach (ulong page in pages[..TlbModel.Ways])
            model.Access(page, Small, 0, false);
        model.Access(pages[0], Small, 0, false);
        model.Access(pages[^1], Small, 0, false);
        ulong before = model.Counts.FirstMisses;
        model.Access(pages[0], Small, 0, false);
        Assert.That(model.Counts.FirstMisses, Is.EqualTo(before), "used again since");
        model.Access(pages[1], Small, 0, false);
        Assert.That(model.Counts.FirstMisses, Is.EqualTo(before + 1), "the oldest");
    }

    [TestCase(12)]
    [TestCase(21)]
    [TestCase(30)]
    public void One_entry_serves_a_page_of_any_size(int shift)
    {
        TlbModel model = new();
        for (ulong address = 0; address < 1UL << shift; address += 1UL << (shift - 3))
            model.Access(address, shift, 0, false);
        model.Access(1UL << shift, shift, 0, false);
        Assert.That(model.Counts, Is.EqualTo(new TlbModelCounts(2, 2)));
    }

    [TestCase(false, 1, 2)]
    [TestCase(true, 1, 1)]
    [TestCase(false, 7, 1)]
    public void Who_finds_a_translation_of_address_space_7(bool global, int asks, int walks)
    {
        TlbModel model = new();
        model.Access(0x1000, Small, 7, global);
        model.Access(0x1000, Small, (ushort)asks, global);
        Assert.That(model.Counts.Walks, Is.EqualTo(walks));
    }

    [TestCase("address", true, true)]
    [TestCase("another address", false, false)]
    [TestCase("address elsewhere", false, true)]
    [TestCase("space", true, false)]
    [TestCase("another space", false, false)]
    [TestCase("all but global", true, false)]
    [TestCase("all", true, true)]
    public void What_an_invalidation_drops(string what, bool own, bool global)
    {
        TlbModel model = new();
        Action drop = what switch
        {
            "address" => () => model.DropAddress(0x20_1234, 7),
            "another address" => () => model.DropAddress(0x60_1234, 7),
            "address elsewhere" => () => model.DropAddress(0x20_1234, 8),
            "space" => () => model.DropPcid(7),
            "another space" => () => model.DropPcid(8),
            "all but global" => () => model.DropAll(global: false),
            _ => () => model.DropAll(global: true),
        };
        foreach ((bool isGlobal, int shift) in new[] { (false, 12), (true, 12), (false, 21), (true, 21) })
        {
            model.Access(0x20_1000, shift, 7, isGlobal);
            ulong before = model.Counts.Walks;
            drop();
            model.Access(0x20_1000, shift, 7, isGlobal);
            Assert.That(model.Counts.Walks - before, Is.EqualTo((isGlobal ? global : own) ? 1 : 0), $"global {isGlobal}, {shift} bits");
            model.DropAll(global: true);
        }
    }

    /// <summary>Three rounds over the pages of a table, with a way to forget between them.</summary>
    [TestCase("nothing", false, 512, TestName = "Each_page_is_walked_once")]
    [TestCase("cr3", false, 3 * 512, TestName = "CR3_drops_them")]
    [TestCase("cr3", true, 512, TestName = "CR3_spares_global_pages")]
    [TestCase("cr4", true, 3 * 512, TestName = "CR4_PGE_drops_global_pages")]
    [TestCase("invlpg", true, 514, TestName = "INVLPG_drops_one")]
    public void A_program(string way, bool global, int walks)
    {
        if (global)
        {
            Machine.State.Cr4 |= ControlBits.Cr4Pge;
            for (ulong i = 0; i < 512; i++)
                Machine.Memory.Write(BareMachine.Pt + (8 * i), (BareMachine.Page + (i << 12)) | 0x107);
        }

        LoadRounds(way);
        TlbModel model = new();
        Machine.Processor.Mmu.Model = model;
        Machine.RunToHalt();
        Assert.That(Machine.Gpr(GeneralRegister.Rdx), Is.Zero, "it came to its end");
        Assert.That(model.Counts.Walks, Is.EqualTo(walks));
    }

    [Test]
    public void The_guest_cannot_tell()
    {
        LoadRounds("invlpg");
        Machine.RunToHalt();
        byte[] without = [.. Machine.Processor.StateBytes];
        byte[] page = Content();
        StartOver(machine => machine.EnterLongMode());
        LoadRounds("invlpg");
        Machine.Processor.Mmu.Model = new TlbModel();
        Machine.RunToHalt();
        Assert.That(Machine.Processor.StateBytes.ToArray(), Is.EqualTo(without));
        Assert.That(Content(), Is.EqualTo(page));
    }

    private static void Touch(TlbModel model, int pages)
    {
        for (ulong page = 0; page < (ulong)pages; page++)
            model.Access(page << Small, Small, 0, false);
    }

    private byte[] Content()
    {
        byte[] bytes = new byte[512 << 12];
        Machine.Memory.Read(BareMachine.Page, bytes);
        return bytes;
    }

    private void LoadRounds(string way) => Machine.Load(a =>
    {
        var round = a.CreateLabel();
        var next = a.CreateLabel();
        a.mov(edx, 3);
        a.Label(ref round);
        a.mov(rbx, BareMachine.Page);
        a.mov(ecx, 512);
        a.Label(ref next);
        a.add(__qword_ptr[rbx], rcx);
        a.add(rbx, 0x1000);
        a.dec(ecx);
        a.jnz(next);
        if (way == "cr3")
        {
            a.mov(rax, cr3);
            a.mov(cr3, rax);
        }
        else if (way == "cr4")
        {
            a.mov(rax, cr4);
            a.xor(rax, (int)ControlBits.Cr4Pge);
            a.mov(cr4, rax);
            a.xor(rax, (int)ControlBits.Cr4Pge);
            a.mov(cr4, rax);
        }
        else if (way == "invlpg")
        {
            a.invlpg(__byte_ptr[BareMachine.Page + 0x3456]);
        }

        a.dec(edx);
        a.jnz(round);
        a.hlt();
    });
}
