using System.Runtime.InteropServices;
using Emu.X86.State;
using Emu.X86.Tests.Supervisor;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Translator;

/// <summary>What kernels do all the time, in both engines: system instructions in a loop under SMAP, and processes that take turns.</summary>
[TestFixture]
public sealed class KernelCodeTests
{
    private const ulong UserPage = BareMachine.Page;
    private const ulong SupervisorData = 0x4_0000;
    private const ulong High = 0xFFFF_8000_0000_0000;
    private const ulong Entry = 0x2_4000;
    private const ulong SpaceA = 0x10_0000;
    private const ulong SpaceB = 0x11_0000;
    private const ulong FrameA = 0x12_0000;
    private const ulong FrameB = 0x13_0000;
    private const ulong FrameC = 0x14_0000;
    private const ulong UserCode = 0x40_0000;
    private const int Pd = 0x2000;
    private const int Pt = 0x3000;

    private BareMachine _interpreter = null!;
    private BareMachine _translator = null!;

    private BareMachine[] Both => [_interpreter, _translator];

    [SetUp]
    public void SetUp()
    {
        if (!EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: nothing to compare.");
        _interpreter = new BareMachine();
        _translator = new BareMachine();
        _translator.Processor.Engine = EngineKind.Translator;
        foreach (BareMachine machine in Both)
        {
            machine.EnterLongMode();
            machine.State.Star = (0x08UL << 32) | (0x18UL << 48);
            machine.State.Sfmask = Rflags.If | Rflags.Tf | Rflags.Ac;
        }
    }

    [TearDown]
    public void TearDown()
    {
        _interpreter?.Dispose();
        _translator?.Dispose();
    }

    [Test]
    public void System_instructions_are_the_same_in_both_engines_wherever_a_run_ends([Values] bool interrupts)
    {
        foreach (BareMachine machine in Both)
        {
            machine.Memory.Write(BareMachine.Pd, 0x83UL); // the first 2 MiB are the supervisor's
            machine.State.Cr4 |= ControlBits.Cr4Smap | ControlBits.Cr4Smep;
            machine.State.KernelGsBase = SupervisorData;
            machine.State.Cr2 = 0x1234_5678_9ABC_DEF0;
            machine.SetGpr(GeneralRegister.R13, SupervisorData);
            machine.Load(SystemLoop);
            machine.Load(a => { a.inc(r9); a.iretq(); }, BareMachine.Handlers + (0x40 * 16));
            machine.Processor.DropCaches();
        }

        RunInPieces(seed: 7, interrupts);
    }

    [Test]
    public void User_memory_is_closed_again_behind_CLAC()
    {
        foreach (BareMachine machine in Both)
        {
            machine.Memory.Write(BareMachine.Pd, 0x83UL);
            machine.State.Cr4 |= ControlBits.Cr4Smap;
            machine.SetGpr(GeneralRegister.Rbx, UserPage);
            machine.SetGpr(GeneralRegister.Rcx, 200);
            machine.Load(a =>
            {
                Label again = a.CreateLabel();
                a.Label(ref again);
                a.stac();
                a.mov(rax, __[rbx]);
                a.clac();
                a.dec(rcx);
                a.jnz(again);
                a.stac();
                a.mov(rax, __[rbx]);
                a.clac();
                a.mov(rdx, __[rbx + 8]); // near enough to share a check, were it allowed
                a.hlt();
            });
            machine.Processor.DropCaches();
            machine.RunToHalt();
            Assert.That(machine.Vector, Is.EqualTo(14), $"{machine.Processor.Engine}");
            Assert.That(machine.State.Cr2, Is.EqualTo(UserPage + 8));
        }
    }

    [Test]
    public void Processes_that_take_turns_run_their_own_code([Values] bool smap)
    {
        foreach (BareMachine machine in Both)
        {
            LayOutSpaces(machine);
            machine.State.Cr4 |= smap ? ControlBits.Cr4Smap : 0;
            machine.Processor.DropCaches();
            machine.Step(20_000);
        }

        Compare("after turns");
        ulong first = _interpreter.Gpr(GeneralRegister.Rbx), second = _interpreter.Gpr(GeneralRegister.Rdx);
        Assert.That(first, Is.GreaterThan(1_000));
        Assert.That(second, Is.InRange(first - 1, first + 1));

        // One of them gets another program under the same address, whether or not it is its turn.
        foreach (BareMachine machine in Both)
        {
            machine.Memory.Write(SpaceB + Pt, FrameC | 7);
            machine.Step(20_000);
        }

        Compare("after another program came");
        Assert.That(_interpreter.Gpr(GeneralRegister.Rdx), Is.InRange(second, second + 1));
        Assert.That(_interpreter.Gpr(GeneralRegister.Rsi), Is.GreaterThan(1_000));
        Assert.That(_translator.Processor.TicksTranslated, Is.GreaterThan(_translator.Clock.Now / 4));
    }

    [Test]
    public void System_calls_are_the_same_in_both_engines_wherever_a_run_ends([Values] bool interrupts)
    {
        foreach (BareMachine machine in Both)
        {
            LayOutSpaces(machine);
            machine.State.Cr4 |= ControlBits.Cr4Smap;
            machine.State.Rflags |= Rflags.If;
            machine.State.Segments[(int)SegmentIndex.Tr].Base = High + BareMachine.Tss;
            machine.Memory.Write(BareMachine.Tss + 4, High + BareMachine.InnerStack);
            machine.SetGate64(0x40, High + BareMachine.Handlers);
            machine.Load(a => { a.inc(r9); a.iretq(); }, BareMachine.Handlers);
            machine.Load(
                a =>
                {
                    Label again = a.CreateLabel();
                    a.Label(ref again);
                    a.add(rbx, 0x1234567);
                    a.adc(rdx, rbx);
                    a.syscall();
                    a.setc(al);
                    a.rol(rdx, 7);
                    a.jmp(again);
                },
                FrameA);
            machine.Load(a => { a.add(r8, r11); a.mov(r10, cs); a.xor(r14, r8); a.sysretq(); }, Entry);
            machine.Processor.DropCaches();
        }

        RunInPieces(seed: 9, interrupts);
    }

    [Test]
    public void A_kernel_that_maps_itself_differently_in_each_space_is_seen_so()
    {
        const ulong otherPdpt = 0x15_0000, otherPd = 0x16_0000;
        foreach (BareMachine machine in Both)
        {
            LayOutSpaces(machine);

            // In space B the address that is data of space A leads 2 MiB farther.
            machine.Memory.Write(SpaceB + (256 * 8), otherPdpt | 3);
            machine.Memory.Write(otherPdpt, otherPd | 3);
            machine.Memory.Write(otherPd, 0x83UL);
            machine.Memory.Write(otherPd + 8, 0x60_0083UL);
            machine.Load(a =>
            {
                a.xchg(r12, r13);
                a.mov(cr3, r12);
                a.mov(rax, High + 0x20_0000);
                a.inc(__qword_ptr[rax]);
                a.sysretq();
            }, Entry);
            machine.Step(20_000);
        }

        Compare("after turns");
        ulong here = _interpreter.Read(0x20_0000), there = _interpreter.Read(0x60_0000);
        Assert.That(here, Is.GreaterThan(1_000).And.EqualTo(_translator.Read(0x20_0000)));
        Assert.That(there, Is.InRange(here - 1, here + 1).And.EqualTo(_translator.Read(0x60_0000)));
    }

    private static void SystemLoop(Assembler a)
    {
        Label again = a.CreateLabel();
        a.Label(ref again);
        a.add(rax, 0x7777);
        a.pushfq();
        a.cli();
        a.sub(rdx, rax);
        a.pushfq();
        a.pop(r8);
        a.stac();
        a.mov(rsi, __[UserPage]);
        a.inc(__qword_ptr[UserPage + 8]);
        a.pushfq();
        a.pop(r10);
        a.clac();
        a.swapgs();
        a.mov(rdi, cr2);
        a.mov(r11, cr0);
        a.invlpg(__byte_ptr[UserPage]);
        a.push(__qword_ptr[r13 + 8]);
        a.push(__qword_ptr[rsp]);
        a.pop(__qword_ptr[r13 + 16]);
        a.pop(r14);
        a.push(rsp);
        a.pop(rsp);
        a.add(__qword_ptr[r13 + 8], 0x1357);
        a.mov(__word_ptr[r13 + 24], ds);
        a.mov(ecx, cs);
        a.rdtsc();
        a.cld();
        a.popfq();
        a.cli();
        a.setc(bpl);
        a.sti();
        a.inc(r15);
        a.jmp(again);
    }

    /// <summary>Two processes at the same address, each counting in its own register; the kernel, in the upper half, lets the other one run at each system call.</summary>
    private static void LayOutSpaces(BareMachine machine)
    {
        foreach ((ulong space, ulong frame) in new[] { (SpaceA, FrameA), (SpaceB, FrameB) })
        {
            machine.Memory.Write(space, (space + 0x1000) | 7);
            machine.Memory.Write(space + (256 * 8), BareMachine.Pdpt | 7);
            machine.Memory.Write(space + 0x1000, (space + Pd) | 7);
            machine.Memory.Write(space + Pd + 16, (space + Pt) | 7);
            machine.Memory.Write(space + Pt, frame | 7);
        }

        machine.Memory.Write(BareMachine.Pdpt, BareMachine.Pd | 7);
        machine.Memory.Write(BareMachine.Pd, 0x83UL);
        machine.Memory.Write(BareMachine.Pd + 8, 0x20_0083UL);
        machine.Load(a => Count(a, rbx), FrameA);
        machine.Load(a => Count(a, rdx), FrameB);
        machine.Load(a => Count(a, rsi), FrameC);
        machine.Load(a =>
        {
            a.xchg(r12, r13);
            a.mov(cr3, r12);
            a.sysretq();
        }, Entry);
        machine.State.Lstar = High + Entry;
        machine.State.Gdtr = machine.State.Gdtr with { Base = High + BareMachine.Gdt };
        machine.State.Idtr = machine.State.Idtr with { Base = High + BareMachine.Idt };
        machine.State.Cr3 = SpaceA;
        machine.SetGpr(GeneralRegister.R12, SpaceA);
        machine.SetGpr(GeneralRegister.R13, SpaceB);
        machine.SetGpr(GeneralRegister.Rdx, 0);
        machine.EnterUser(UserCode);
    }

    private static void Count(Assembler a, AssemblerRegister64 register)
    {
        Label again = a.CreateLabel();
        a.Label(ref again);
        a.inc(register);
        a.syscall();
        a.jmp(again);
    }

    /// <summary>Runs both engines in pieces of random length, with an interrupt at random ends (its handler counts in R9), and compares them behind each.</summary>
    private void RunInPieces(int seed, bool interrupts)
    {
        Random random = new(seed);
        for (int round = 0; round < 2_000; round++)
        {
            bool interrupt = interrupts && random.Next(4) == 0;
            ulong ticks = (ulong)random.Next(1, 400);
            foreach (BareMachine machine in Both)
            {
                if (interrupt)
                    machine.Apic.Vectors.Enqueue(0x40);
                machine.Step(ticks);
            }

            Compare($"round {round}", memory: round % 100 == 99);
        }

        Assert.That(_interpreter.Gpr(GeneralRegister.R9) != 0, Is.EqualTo(interrupts));
        Assert.That(_translator.Processor.TicksTranslated, Is.GreaterThan(_translator.Clock.Now / 2));
    }

    private void Compare(string when, bool memory = true)
    {
        for (int i = 0; i < 16; i++)
            Assert.That(_translator.Gpr((GeneralRegister)i), Is.EqualTo(_interpreter.Gpr((GeneralRegister)i)), $"{when}: {(GeneralRegister)i}");
        Assert.That(_translator.State.Rflags, Is.EqualTo(_interpreter.State.Rflags), $"{when}: RFLAGS");
        Assert.That(Bytes(ref _translator.State).SequenceEqual(Bytes(ref _interpreter.State)), Is.True, $"{when}: state");
        if (!memory)
            return;
        Assert.That(Ram(_translator).SequenceEqual(Ram(_interpreter)), Is.True, $"{when}: memory");
    }

    private static ReadOnlySpan<byte> Bytes(ref CpuState state) => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref state, 1));

    private static byte[] Ram(BareMachine machine)
    {
        byte[] bytes = new byte[0x30_0000];
        machine.Memory.Read(0, bytes);
        return bytes;
    }
}
