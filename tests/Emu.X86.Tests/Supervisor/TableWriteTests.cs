using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Page tables that are filled, emptied and moved word by word, as kernels do at fork and exit: every access sees what they say then.</summary>
public sealed class TableWriteTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const int Pages = 64;
    private const ulong PageBytes = 0x1000;
    private const ulong Results = 0x4_0000;
    private const ulong OtherTable = 0x8000;
    private const ulong AccessedBit = 0x20;

    [Test]
    public void A_table_rewritten_in_bulk_is_seen_at_once()
    {
        Machine.Load(a =>
        {
            a.mov(rdi, Results);
            ReadAllPages(a);
            Label next = a.CreateLabel();
            a.mov(rsi, BareMachine.Pt);
            a.mov(rax, (BareMachine.Page + ((Pages - 1) * PageBytes)) | 7);
            a.mov(ecx, Pages);
            a.Label(ref next);
            a.mov(__[rsi], rax);
            a.add(rsi, 8);
            a.sub(rax, (int)PageBytes);
            a.dec(ecx);
            a.jnz(next);
            ReadAllPages(a);
            a.hlt();
        });
        RunAndCheck(page => (ulong)(Pages - 1 - page));
        for (ulong i = 0; i < Pages; i++)
            Assert.That(Machine.Read(BareMachine.Pt + (8 * i)) & AccessedBit, Is.Not.Zero, $"page {i}");
    }

    [Test]
    public void Another_table_in_the_directory_is_seen_at_once()
    {
        for (ulong i = 0; i < Pages; i++)
            Machine.Memory.Write(OtherTable + (8 * i), (BareMachine.Page + ((i ^ 1) * PageBytes)) | 7);
        Machine.Load(a =>
        {
            a.mov(rdi, Results);
            ReadAllPages(a);
            a.mov(rax, OtherTable | 7);
            a.mov(__[BareMachine.Pd + 8], rax);
            ReadAllPages(a);
            a.hlt();
        });
        RunAndCheck(page => (ulong)(page ^ 1));
    }

    [Test]
    public void A_table_emptied_in_bulk_faults_at_once()
    {
        Machine.Load(a =>
        {
            a.mov(rdi, Results);
            ReadAllPages(a);
            a.mov(rdi, BareMachine.Pt);
            a.xor(eax, eax);
            a.mov(ecx, Pages);
            a.rep.stosq();
            a.mov(rax, __[BareMachine.Page + (7 * PageBytes)]);
            a.hlt();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(14));
        Assert.That(Machine.State.Cr2, Is.EqualTo(BareMachine.Page + (7 * PageBytes)));
    }

    /// <summary>Page i holds i; afterwards the numbers in the order of the first reading, then of the second.</summary>
    private void RunAndCheck(Func<int, ulong> second)
    {
        for (ulong i = 0; i < Pages; i++)
            Machine.Memory.Write(BareMachine.Page + (i * PageBytes), i);
        Machine.RunToHalt();
        for (int i = 0; i < Pages; i++)
        {
            Assert.That(Machine.Read(Results + (8 * (ulong)i)), Is.EqualTo((ulong)i), $"page {i}, before");
            Assert.That(Machine.Read(Results + (8 * (ulong)(Pages + i))), Is.EqualTo(second(i)), $"page {i}, after");
        }
    }

    private static void ReadAllPages(Assembler a)
    {
        Label next = a.CreateLabel();
        a.mov(rsi, BareMachine.Page);
        a.mov(ecx, Pages);
        a.Label(ref next);
        a.mov(rax, __[rsi]);
        a.mov(__[rdi], rax);
        a.add(rsi, (int)PageBytes);
        a.add(rdi, 8);
        a.dec(ecx);
        a.jnz(next);
    }
}
