using Emu.X86.State;
using Emu.X86.Tests.Rows;
using Iced.Intel;

namespace Emu.X86.Tests.Interpreter;

/// <summary>REP MOVS copies a page at once where it can. Run one iteration at a time it cannot, and the end must be the same.</summary>
public sealed unsafe class StringCopyTests
{
    private const ulong CodeBase = 0x40_0000;
    private const ulong RamSize = 16 << 20;
    private const ulong Directory = 0x10_2000;
    private const ulong Source = 0x50_0AB8;

    /// <summary>Pages of addresses this far apart share an entry of the TLB.</summary>
    private const ulong OneEntry = 4 << 20;

    private const int Count = 3000;

    [Test]
    public void A_copy_is_made_of_single_iterations(
        [Values(1, 2, 4, 8)] int width, [Values] bool down, [Values((long)OneEntry, (long)OneEntry + 8, -0x1008, -24, -8, -3, 3, 8, 24, 0x1008)] long distance)
    {
        AssertSame(width, down, Source, (ulong)((long)Source + distance), Count, _ => { });
    }

    /// <summary>The page directory is overwritten by a copy from a page that shares its entry in the TLB, and that the copy maps elsewhere on the way.</summary>
    [Test]
    public void A_copy_over_its_own_page_table_goes_on_by_the_new_one([Values] bool down)
    {
        const ulong Image = Directory + (2 * OneEntry), Other = Image + OneEntry, Entries = 8;
        AssertSame(8, down, Image + (down ? 8 * (Entries - 1) : 0), Directory + (down ? 8 * (Entries - 1) : 0), (int)Entries, machine =>
        {
            for (ulong entry = 0; entry < Entries; entry++)
            {
                bool moved = entry == Image >> 21;
                machine.Memory.Write(Image + (8 * entry), (moved ? (Other & ~0x1F_FFFFUL) | 0x87 : machine.Memory.Read<ulong>(Directory + (8 * entry))) | 0x60);
                machine.Memory.Write(Other + (8 * entry), machine.Memory.Read<ulong>(Directory + (8 * entry)) | 0x60 | ((entry & 7) << 9));
            }
        });
    }

    private static void AssertSame(int width, bool down, ulong from, ulong to, int count, Action<FlatMachine> prepare)
    {
        using FlatMachine whole = Start(width, down, from, to, count), single = Start(width, down, from, to, count);
        prepare(whole);
        prepare(single);
        ulong end = whole.Clock.Now + (ulong)count;
        while (whole.Clock.Now < end)
            whole.Processor.Run(end);
        while (single.Clock.Now < end)
            single.Processor.Run(single.Clock.Now + 1);
        Assert.Multiple(() =>
        {
            Assert.That(whole.State.Gpr[(int)GeneralRegister.Rcx], Is.Zero, "the copy is done");
            Assert.That(whole.Processor.StateBytes.SequenceEqual(single.Processor.StateBytes), "same registers");
            for (int frame = 0; frame < whole.Memory.FrameCount; frame++)
                Assert.That(whole.Memory.Frame(frame).SequenceEqual(single.Memory.Frame(frame)), $"same bytes in frame {frame:x}");
        });
    }

    private static FlatMachine Start(int width, bool down, ulong from, ulong to, int count)
    {
        var assembler = new Assembler(64);
        switch (width)
        {
            case 1: assembler.rep.movsb(); break;
            case 2: assembler.rep.movsw(); break;
            case 4: assembler.rep.movsd(); break;
            default: assembler.rep.movsq(); break;
        }

        Label here = assembler.CreateLabel();
        assembler.Label(ref here);
        assembler.jmp(here);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), CodeBase);
        var machine = new FlatMachine(RamSize);
        machine.Memory.Write(CodeBase, code.ToArray());
        for (ulong place = 0x4F_0000; place < 0x52_0000; place += 8)
            machine.Memory.Write(place, place * 0x9E37_79B9_7F4A_7C15);
        machine.State.Rip = CodeBase;
        machine.State.Rflags |= down ? Rflags.Df : 0;
        machine.State.Gpr[(int)GeneralRegister.Rsi] = from;
        machine.State.Gpr[(int)GeneralRegister.Rdi] = to;
        machine.State.Gpr[(int)GeneralRegister.Rcx] = (ulong)count;
        return machine;
    }
}
