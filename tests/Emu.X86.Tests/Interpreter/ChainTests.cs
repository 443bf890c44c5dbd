using Emu.Core.Machine;
using Emu.X86.State;
using Emu.X86.Tests.Rows;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Interpreter;

/// <summary>Blocks run in chains, each going on in the next by itself. No guest may see where a chain begins or ends, and no chain may use up the host's stack.</summary>
public sealed unsafe class ChainTests
{
    private const ulong CodeBase = 0x40_0FE0; // the program crosses a page
    private const ulong RamSize = 16 << 20;
    private const ulong Mmio = RamSize;
    private const ulong MmioEntry = 0x10_2000 + (8 * (RamSize >> 21));
    private const ulong StackTop = 0x20_0004; // pushes cross a page
    private const int Ticks = 60_000;

    [Test]
    public void A_run_cut_into_pieces_ends_like_a_whole_one([Values(1, 7, 4095, 4096, 4097)] int piece)
    {
        using FlatMachine whole = Start(Program), pieces = Start(Program);
        Assert.That(whole.Processor.Run(whole.Clock.Now + Ticks), Is.EqualTo(RunExit.Deadline));
        for (int done = 0; done < Ticks; done += piece)
            pieces.Processor.Run(pieces.Clock.Now + (ulong)Math.Min(piece, Ticks - done));
        Assert.Multiple(() =>
        {
            Assert.That(whole.State.InstructionCount, Is.EqualTo(Ticks));
            Assert.That(whole.State.Gpr[(int)GeneralRegister.R15], Is.GreaterThan(100), "rounds of the program");
            Assert.That(pieces.Processor.StateBytes.SequenceEqual(whole.Processor.StateBytes), "same state");
        });
    }

    /// <summary>LEAVE and accesses that miss the TLB do not end in a jump to the next handler: each leaves a frame on the host's stack until its chain ends.</summary>
    [Test]
    public void A_chain_fits_a_small_stack()
    {
        using FlatMachine machine = Start(Frames);
        machine.Memory.Write(StackTop + 0x1000, StackTop + 0x1000);
        machine.State.Gpr[(int)GeneralRegister.Rbp] = StackTop + 0x1000;
        RunExit exit = RunExit.Bus;
        var thread = new Thread(() => exit = machine.Processor.Run(machine.Clock.Now + 2_000_000), maxStackSize: 2 << 20);
        thread.Start();
        thread.Join();
        Assert.That((exit, machine.State.InstructionCount), Is.EqualTo((RunExit.Deadline, 2_000_000UL)));
    }

    [Test]
    public void A_branch_that_reaches_the_bus_ends_the_run_behind_it()
    {
        using FlatMachine machine = Start(a => a.jmp(__qword_ptr[Mmio]));
        machine.Memory.Write(MmioEntry, Mmio | 0x87);
        RunExit exit = machine.Processor.Run(machine.Clock.Now + Ticks);
        Assert.That((exit, machine.State.Rip, machine.State.InstructionCount), Is.EqualTo((RunExit.Bus, ulong.MaxValue, 1UL)));
    }

    private static FlatMachine Start(Action<Assembler> emit)
    {
        var assembler = new Assembler(64);
        emit(assembler);
        using var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), CodeBase);
        var machine = new FlatMachine(RamSize);
        machine.Memory.Write(CodeBase, code.ToArray());
        machine.State.Rip = CodeBase;
        machine.State.Gpr[(int)GeneralRegister.Rsp] = StackTop;
        return machine;
    }

    /// <summary>Calls, returns, indirect and cross-page jumps, a REP, page-crossing pushes.</summary>
    private static void Program(Assembler a)
    {
        Label again = a.CreateLabel(), function = a.CreateLabel(), even = a.CreateLabel(), join = a.CreateLabel();
        a.Label(ref again);
        a.call(function);
        a.lea(rax, __[function]);
        a.call(rax);
        a.mov(esi, 0x50_0000);
        a.mov(edi, 0x50_0FF9);
        a.mov(ecx, 23);
        a.rep.movsb();
        a.inc(r15);
        a.test(r15b, 1);
        a.je(even);
        a.push(r15);
        a.pop(r14);
        a.jmp(join);
        a.Label(ref even);
        a.xor(r14, r15);
        a.Label(ref join);
        a.lea(rax, __[again]);
        a.jmp(rax);
        a.Label(ref function);
        a.add(r13, r15);
        a.mov(__qword_ptr[0x50_0000], r13);
        a.ret();
    }

    private static void Frames(Assembler a)
    {
        Label again = a.CreateLabel();
        a.Label(ref again);
        a.leave();
        a.mov(rax, __qword_ptr[0x60_0000]);
        a.mov(rax, __qword_ptr[0xA0_0000]); // the same TLB entry
        a.jmp(again);
    }
}
