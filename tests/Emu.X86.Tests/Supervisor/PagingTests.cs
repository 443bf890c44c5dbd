using Emu.X86.State;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Rights of pages by access, privilege and control bits; accessed and dirty bits; the invisible TLB (SDM 3A 4.6 to 4.8, 4.10).</summary>
public sealed class PagingTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong NoExecute = 1UL << 63;
    private const int Present = 1;
    private const int Writable = 2;
    private const int User = 4;

    public enum Access
    {
        Read,
        Write,
        Fetch,
    }

    /// <summary>Every combination of U/S, W, NX, WP, SMEP, SMAP and AC with every access and both privileges, against the rules as the manual words them.</summary>
    [Test]
    public void Every_right_is_checked([Values] Access access, [Values] bool user, [Values] bool wp, [Values] bool smep, [Values] bool smap, [Values] bool ac)
    {
        for (int bits = 0; bits < 8; bits++)
        {
            bool pageUser = (bits & 1) != 0;
            bool pageWritable = (bits & 2) != 0;
            bool pageNx = (bits & 4) != 0;
            Machine.EnterLongMode();
            ulong entry = BareMachine.Page | Present | (pageUser ? User : 0u) | (pageWritable ? Writable : 0u) | (pageNx ? NoExecute : 0);
            Machine.Memory.Write(BareMachine.Pt, entry);
            SetControl(wp, smep, smap);
            Machine.State.Rflags = Rflags.Fixed | (ac ? Rflags.Ac : 0);
            if (user)
                Machine.EnterUser();
            Prepare(access);
            bool allowed = Expected(access, user, pageUser, pageWritable, pageNx, wp, smep, smap, ac);
            Machine.RunToHalt();
            string what = $"U/S={pageUser} W={pageWritable} NX={pageNx}";
            bool faulted = Machine.State.Cr2 == BareMachine.Page;
            Assert.That(faulted, Is.EqualTo(!allowed), what);
            if (faulted)
            {
                ulong error = Present | (access == Access.Write ? Writable : 0u) | (user ? User : 0u) | (access == Access.Fetch ? 16u : 0);
                Assert.That(Machine.Vector, Is.EqualTo(14), what);
                Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(error), what);
            }

            Machine.State.Cr2 = 0;
        }
    }

    [Test]
    public void Accessed_and_dirty_are_set_by_the_accesses_that_set_them()
    {
        Machine.Load(a =>
        {
            a.mov(eax, __dword_ptr[rbx]);
            a.mov(__dword_ptr[rbx], eax);
            a.mov(__dword_ptr[rbx + 0x1000], eax);
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page);
        Machine.Step();
        Assert.That(Machine.Read(BareMachine.Pt) & 0x60, Is.EqualTo(0x20), "read");
        Assert.That(Machine.Read(BareMachine.Pml4) & 0x60, Is.EqualTo(0x20));
        Machine.Step();
        Assert.That(Machine.Read(BareMachine.Pt) & 0x60, Is.EqualTo(0x60), "write after a read");
        Machine.Step();
        Assert.That(Machine.Read(BareMachine.Pt + 8) & 0x60, Is.EqualTo(0x60), "write at once");
    }

    [Test]
    public void A_changed_entry_is_seen_at_once_without_INVLPG()
    {
        Machine.Memory.Write(BareMachine.Page + 0x1000, 0x1111UL);
        Machine.Memory.Write(BareMachine.Page + 0x2000, 0x2222UL);
        Machine.Load(a =>
        {
            a.mov(rax, __qword_ptr[rbx]);
            a.mov(__qword_ptr[rcx], rdx);
            a.mov(rsi, __qword_ptr[rbx]);
            a.invlpg(__[rbx]);
            a.mov(rdi, __qword_ptr[rbx]);
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page + 0x1000);
        Machine.SetGpr(GeneralRegister.Rcx, BareMachine.Pt + 8);
        Machine.SetGpr(GeneralRegister.Rdx, (BareMachine.Page + 0x2000) | 7);
        Machine.RunToHalt();
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x1111));
        Assert.That(Machine.Gpr(GeneralRegister.Rsi), Is.EqualTo(0x2222));
        Assert.That(Machine.Gpr(GeneralRegister.Rdi), Is.EqualTo(0x2222));
    }

    [TestCase(BareMachine.Pd, 0x40_0087UL, TestName = "A_changed_large_page_is_seen_at_once")]
    [TestCase(BareMachine.Pdpt, 0UL, TestName = "A_changed_directory_pointer_is_seen_at_once")]
    public void Upper_levels(ulong slot, ulong value)
    {
        // The code itself runs in the page that goes away: the next fetch must see it.
        Machine.Load(a =>
        {
            a.mov(__qword_ptr[rcx], rdx);
            a.inc(rax);
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rcx, slot);
        Machine.SetGpr(GeneralRegister.Rdx, value);
        Machine.Processor.Run(10);
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.Zero, "the instruction behind the write is not there any more");
    }

    [Test]
    public void Clearing_the_dirty_bit_by_hand_sets_it_again_with_the_next_write()
    {
        Machine.Load(a =>
        {
            a.mov(__dword_ptr[rbx], eax);
            a.mov(__qword_ptr[rcx], rdx);
            a.mov(__dword_ptr[rbx], eax);
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page);
        Machine.SetGpr(GeneralRegister.Rcx, BareMachine.Pt);
        Machine.SetGpr(GeneralRegister.Rdx, BareMachine.Page | 7);
        Machine.Step(2);
        Assert.That(Machine.Read(BareMachine.Pt) & 0x60, Is.Zero);
        Machine.Step();
        Assert.That(Machine.Read(BareMachine.Pt) & 0x60, Is.EqualTo(0x60));
    }

    [Test]
    public void An_access_across_pages_touches_both_or_none([Values] bool second)
    {
        if (!second)
            Machine.Memory.Write(BareMachine.Pt + 8, 0UL);
        Machine.Load(a =>
        {
            a.mov(__qword_ptr[rbx], rax);
            a.mov(rdx, __qword_ptr[rbx]);
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page + 0xFFD);
        Machine.SetGpr(GeneralRegister.Rax, 0x1122_3344_5566_7788);
        Machine.RunToHalt();
        if (second)
        {
            Assert.That(Machine.Gpr(GeneralRegister.Rdx), Is.EqualTo(0x1122_3344_5566_7788));
            return;
        }

        Assert.That(Machine.Vector, Is.EqualTo(14));
        Assert.That(Machine.State.Cr2, Is.EqualTo(BareMachine.Page + 0x1000), "the address of the page that is missing");
        Assert.That(Machine.Memory.Read<byte>(BareMachine.Page + 0xFFD), Is.Zero);
    }

    [Test]
    public void The_APIC_page_reaches_the_bus_with_the_exact_tick()
    {
        Machine.Memory.Write(BareMachine.Pt + 8, 0xFEE0_0003UL);
        Machine.Load(a =>
        {
            a.nop();
            a.mov(__dword_ptr[rbx + 0x80], eax);
            a.mov(edx, __dword_ptr[rbx + 0x20]);
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page + 0x1000);
        Machine.SetGpr(GeneralRegister.Rax, 0xAB);
        Machine.RunToHalt();
        Assert.That(Machine.Bus.Writes, Is.EqualTo(new[] { (1UL, 0xFEE0_0080UL, 4, 0xABUL) }));
        Assert.That(Machine.Gpr(GeneralRegister.Rdx), Is.EqualTo(0x99AA_BBCC));
    }

    [Test]
    public void Code_that_writes_the_next_instruction_runs_what_it_wrote()
    {
        Machine.Load(a =>
        {
            a.mov(__byte_ptr[rbx], 0x40);
            a.nop();
            a.nop();
            a.hlt();
        });
        // FF C0 (inc eax) over the two NOPs, byte by byte: the second byte is patched by the first instruction, the first is there already.
        Machine.Memory.Write(BareMachine.Code + 3, (ushort)0xC8FF);
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Code + 4);
        Machine.Memory.Write(BareMachine.Code + 2, (byte)0xC0);
        Machine.RunToHalt();
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(1), "inc, not dec");
    }

    private static bool Expected(Access access, bool user, bool pageUser, bool pageWritable, bool pageNx, bool wp, bool smep, bool smap, bool ac)
    {
        if (user)
            return pageUser && (access != Access.Write || pageWritable) && (access != Access.Fetch || !pageNx);
        if (access == Access.Fetch)
            return !pageNx && !(smep && pageUser);
        if (pageUser && smap && !ac)
            return false;
        return access == Access.Read || pageWritable || !wp;
    }

    private void SetControl(bool wp, bool smep, bool smap)
    {
        ref CpuState state = ref Machine.State;
        state.Cr0 = wp ? state.Cr0 | ControlBits.Cr0Wp : state.Cr0 & ~ControlBits.Cr0Wp;
        state.Cr4 |= (smep ? ControlBits.Cr4Smep : 0) | (smap ? ControlBits.Cr4Smap : 0);
    }

    private void Prepare(Access access)
    {
        bool user = Machine.State.Cpl == 3;
        const ulong code = BareMachine.Page + 0x2000;
        const ulong stack = BareMachine.Page + 0x4000;
        for (ulong i = 2; i < 6; i++)
            Machine.Memory.Write(BareMachine.Pt + (8 * i), (BareMachine.Page + (i << 12)) | (user && i == 2 ? 7u : 3u));
        ulong handler = BareMachine.Page + 0x5000;
        for (int vector = 0; vector < 32; vector++)
        {
            Machine.SetGate64(vector, handler + ((ulong)vector * 16));
            Machine.Memory.Write(handler + ((ulong)vector * 16), (byte)0xF4);
        }

        Machine.Memory.Write(BareMachine.Tss + 4, BareMachine.Page + 0x4000);
        Machine.Load(a => Emit(a, access, user), code);
        Machine.Memory.Write(BareMachine.Page, (byte)0xF4);
        Machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page);
        Machine.SetGpr(GeneralRegister.Rsp, stack);
        Machine.State.Rip = code;
        Machine.HandlerBase = handler;
        Machine.Memory.Write(BareMachine.Pd, 0x83UL); // tables are supervisor pages: implicit accesses obey SMAP
        Machine.Processor.DropCaches();
    }

    private static void Emit(Assembler a, Access access, bool user)
    {
        if (access == Access.Read)
            a.mov(eax, __dword_ptr[rbx]);
        else if (access == Access.Write)
            a.mov(__dword_ptr[rbx], eax);
        else
            a.jmp(rbx);
        if (user)
            a.ud2();
        else
            a.hlt();
    }
}
