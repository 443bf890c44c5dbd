using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS, IRETQ (SDM 3A 5.8.7, 5.8.8; 2A, IRET).</summary>
public sealed unsafe class SystemCallTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong Entry = 0x2_4000;

    [SetUp]
    public void SetUpEntry()
    {
        Machine.State.Star = (0x08UL << 32) | (0x18UL << 48);
        Machine.State.Lstar = Entry;
        Machine.State.Sfmask = Rflags.If | Rflags.Tf | Rflags.Ac;
    }

    [Test]
    public void SYSCALL_and_SYSRET_go_to_ring_0_and_back()
    {
        Machine.EnterUser();
        Machine.State.Rflags |= Rflags.If | Rflags.Cf;
        Machine.Load(a =>
        {
            a.syscall();
            a.nop();
            a.hlt();
        });
        Machine.Load(a => a.sysretq(), Entry);
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.State.Rip, Is.EqualTo(Entry));
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(BareMachine.Code + 2));
        Assert.That(Machine.Gpr(GeneralRegister.R11), Is.EqualTo(Rflags.Fixed | Rflags.If | Rflags.Cf));
        Assert.That(Machine.State.Rflags, Is.EqualTo(Rflags.Fixed | Rflags.Cf));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(0x08));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(0x10));
        Assert.That(Machine.Processor.LastUserOrIdleTick, Is.EqualTo(1));
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 2));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(BareMachine.UserData));
        Assert.That(Machine.State.Rflags, Is.EqualTo(Rflags.Fixed | Rflags.If | Rflags.Cf));
    }

    [Test]
    public void A_long_chain_of_system_calls_stays_exact()
    {
        Machine.EnterUser();
        Machine.Load(a =>
        {
            Iced.Intel.Label again = a.CreateLabel();
            a.Label(ref again);
            a.syscall();
            a.dec(rbx);
            a.jnz(again);
            a.ud2();
        });
        Machine.Load(a =>
        {
            a.swapgs();
            a.inc(rax);
            a.swapgs();
            a.sysretq();
        }, Entry);
        Machine.SetGpr(GeneralRegister.Rbx, 1000);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(6));
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(1000));
        Assert.That(Machine.State.InstructionCount, Is.EqualTo(7001));
    }

    [Test]
    public void SYSRET_to_a_non_canonical_address_faults_in_ring_0()
    {
        Machine.Load(a => a.sysretq());
        Machine.SetGpr(GeneralRegister.Rcx, 1UL << 47);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Read(Machine.Rsp + 16), Is.EqualTo(BareMachine.KernelCode));
    }

    [Test]
    public void SYSRET_to_32_bit_code()
    {
        Machine.Load(a => a.AddInstruction(Iced.Intel.Instruction.Create(Iced.Intel.Code.Sysretd)));
        Machine.SetGpr(GeneralRegister.Rcx, 0x2_8000);
        Machine.SetGpr(GeneralRegister.R11, Rflags.If);
        Machine.Load(a =>
        {
            a.mov(eax, 5);
            a.inc(eax); // one byte in 32-bit code
        }, 0x2_8000, bitness: 32);
        Machine.Step(3);
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode32));
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(6));
        Assert.That(Machine.State.Rip, Is.EqualTo(0x2_8006));
    }

    [Test]
    public void SYSENTER_and_SYSEXIT()
    {
        Machine.State.SysenterCs = 0x08;
        Machine.State.SysenterEip = Entry;
        Machine.State.SysenterEsp = BareMachine.InnerStack;
        Machine.Memory.Write(BareMachine.Gdt + 0x18, BareMachine.Flat(0xC0FB));
        Machine.EnterUser();
        Machine.Load(a => a.sysenter());
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack));
        Machine.Load(a => a.sysexitq(), Entry);
        Machine.SetGpr(GeneralRegister.Rdx, BareMachine.Code);
        Machine.SetGpr(GeneralRegister.Rcx, BareMachine.Stack);
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode));
    }

    [Test]
    public void IRETQ_to_user_mode_drops_kernel_segments()
    {
        Machine.Load(a =>
        {
            a.push(BareMachine.UserData);
            a.push((int)BareMachine.Stack);
            a.push(0x202);
            a.push(BareMachine.UserCode);
            a.push((int)BareMachine.Code + 0x100);
            a.iretq();
        });
        Machine.Step(6);
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 0x100));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack));
        Assert.That(Machine.State.Rflags & Rflags.If, Is.Not.Zero);
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ds].Attributes.HasFlag(SegmentAttributes.Unusable), Is.True);
    }

    [TestCase(BareMachine.UserCode & ~3, BareMachine.UserData, 13, BareMachine.UserCode & ~3u, TestName = "IRETQ_refuses_code_of_another_level")]
    [TestCase(BareMachine.UserCode, BareMachine.KernelData, 13, (uint)BareMachine.KernelData, TestName = "IRETQ_refuses_a_stack_of_another_level")]
    [TestCase(BareMachine.UserCode, 0, 13, 0u, TestName = "IRETQ_refuses_a_null_stack_for_ring_3")]
    [TestCase(0, BareMachine.UserData, 13, 0u, TestName = "IRETQ_refuses_null_code")]
    public void Refused_returns(int code, int stack, int vector, uint error)
    {
        Machine.Load(a =>
        {
            a.push(stack);
            a.push((int)BareMachine.Stack);
            a.push(0x202);
            a.push(code);
            a.push((int)BareMachine.Code);
            a.iretq();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(vector));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo((ulong)error));
        Assert.That(Machine.State.Cpl, Is.Zero);
    }

    [Test]
    public void A_call_gate_switches_the_stack_and_far_RET_returns()
    {
        ulong gate = (Entry & 0xFFFF) | ((ulong)BareMachine.KernelCode << 16) | (0xECUL << 40) | ((Entry >> 16) << 48);
        Machine.Memory.Write(BareMachine.Gdt + 0x50, gate);
        Machine.EnterUser();
        Machine.Memory.Write(BareMachine.Page, (0x53UL << 32) | 0);
        Machine.Load(a =>
        {
            a.call(__fword_ptr[BareMachine.Page]);
            a.ud2();
        });
        Machine.Load(a => a.AddInstruction(Iced.Intel.Instruction.Create(Iced.Intel.Code.Retfq)), Entry);
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 32));
        Assert.That(Machine.Read(Machine.Rsp + 8), Is.EqualTo(BareMachine.UserCode));
        Assert.That(Machine.Read(Machine.Rsp + 16), Is.EqualTo(BareMachine.Stack));
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack));
    }

    [Test]
    public void Port_access_in_user_mode_asks_the_bitmap([Values] bool allowed)
    {
        Machine.Memory.Write(BareMachine.Tss + 104 + (0x3F8 / 8), (ushort)(allowed ? 0 : 1));
        Machine.EnterUser();
        Machine.Load(a =>
        {
            a.mov(dx, 0x3F8);
            a.mov(al, 0x41);
            a.@out(dx, al);
            a.ud2();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(allowed ? 6 : 13));
        Assert.That(Machine.Bus.Writes, Is.EqualTo(allowed ? [(2UL, 0x3F8UL, 1, 0x41UL)] : Array.Empty<(ulong, ulong, int, ulong)>()));
    }
}
