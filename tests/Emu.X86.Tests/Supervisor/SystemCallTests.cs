using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS, IRETQ (SDM 3A 5.8.7, 5.8.8; 2A, IRET).</summary>
public sealed unsafe class SystemCallTests
{
    private const ulong Entry = 0x2_4000;

    private BareMachine _machine = null!;

    [SetUp]
    public void SetUp()
    {
        _machine = new BareMachine();
        _machine.EnterLongMode();
        _machine.State.Star = (0x08UL << 32) | (0x18UL << 48);
        _machine.State.Lstar = Entry;
        _machine.State.Sfmask = Rflags.If | Rflags.Tf | Rflags.Ac;
    }

    [TearDown]
    public void TearDown() => _machine.Dispose();

    [Test]
    public void SYSCALL_and_SYSRET_go_to_ring_0_and_back()
    {
        _machine.EnterUser();
        _machine.State.Rflags |= Rflags.If | Rflags.Cf;
        _machine.Load(a =>
        {
            a.syscall();
            a.nop();
            a.hlt();
        });
        _machine.Load(a => a.sysretq(), Entry);
        _machine.Step();
        Assert.That(_machine.State.Cpl, Is.Zero);
        Assert.That(_machine.State.Rip, Is.EqualTo(Entry));
        Assert.That(_machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(BareMachine.Code + 2));
        Assert.That(_machine.Gpr(GeneralRegister.R11), Is.EqualTo(Rflags.Fixed | Rflags.If | Rflags.Cf));
        Assert.That(_machine.State.Rflags, Is.EqualTo(Rflags.Fixed | Rflags.Cf));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(0x08));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(0x10));
        Assert.That(_machine.Processor.LastUserOrIdleTick, Is.EqualTo(1));
        _machine.Step();
        Assert.That(_machine.State.Cpl, Is.EqualTo(3));
        Assert.That(_machine.State.Rip, Is.EqualTo(BareMachine.Code + 2));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(BareMachine.UserData));
        Assert.That(_machine.State.Rflags, Is.EqualTo(Rflags.Fixed | Rflags.If | Rflags.Cf));
    }

    [Test]
    public void A_long_chain_of_system_calls_stays_exact()
    {
        _machine.EnterUser();
        _machine.Load(a =>
        {
            Iced.Intel.Label again = a.CreateLabel();
            a.Label(ref again);
            a.syscall();
            a.dec(rbx);
            a.jnz(again);
            a.ud2();
        });
        _machine.Load(a =>
        {
            a.swapgs();
            a.inc(rax);
            a.swapgs();
            a.sysretq();
        }, Entry);
        _machine.SetGpr(GeneralRegister.Rbx, 1000);
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(6));
        Assert.That(_machine.Gpr(GeneralRegister.Rax), Is.EqualTo(1000));
        Assert.That(_machine.State.InstructionCount, Is.EqualTo(7001));
    }

    [Test]
    public void SYSRET_to_a_non_canonical_address_faults_in_ring_0()
    {
        _machine.Load(a => a.sysretq());
        _machine.SetGpr(GeneralRegister.Rcx, 1UL << 47);
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(13));
        Assert.That(_machine.Read(_machine.Rsp + 16), Is.EqualTo(BareMachine.KernelCode));
    }

    [Test]
    public void SYSRET_to_32_bit_code()
    {
        _machine.Load(a => a.AddInstruction(Iced.Intel.Instruction.Create(Iced.Intel.Code.Sysretd)));
        _machine.SetGpr(GeneralRegister.Rcx, 0x2_8000);
        _machine.SetGpr(GeneralRegister.R11, Rflags.If);
        _machine.Load(a =>
        {
            a.mov(eax, 5);
            a.inc(eax); // one byte in 32-bit code
        }, 0x2_8000, bitness: 32);
        _machine.Step(3);
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode32));
        Assert.That(_machine.Gpr(GeneralRegister.Rax), Is.EqualTo(6));
        Assert.That(_machine.State.Rip, Is.EqualTo(0x2_8006));
    }

    [Test]
    public void SYSENTER_and_SYSEXIT()
    {
        _machine.State.SysenterCs = 0x08;
        _machine.State.SysenterEip = Entry;
        _machine.State.SysenterEsp = BareMachine.InnerStack;
        _machine.Memory.Write(BareMachine.Gdt + 0x18, BareMachine.Flat(0xC0FB));
        _machine.EnterUser();
        _machine.Load(a => a.sysenter());
        _machine.Step();
        Assert.That(_machine.State.Cpl, Is.Zero);
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.InnerStack));
        _machine.Load(a => a.sysexitq(), Entry);
        _machine.SetGpr(GeneralRegister.Rdx, BareMachine.Code);
        _machine.SetGpr(GeneralRegister.Rcx, BareMachine.Stack);
        _machine.Step();
        Assert.That(_machine.State.Cpl, Is.EqualTo(3));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode));
    }

    [Test]
    public void IRETQ_to_user_mode_drops_kernel_segments()
    {
        _machine.Load(a =>
        {
            a.push(BareMachine.UserData);
            a.push((int)BareMachine.Stack);
            a.push(0x202);
            a.push(BareMachine.UserCode);
            a.push((int)BareMachine.Code + 0x100);
            a.iretq();
        });
        _machine.Step(6);
        Assert.That(_machine.State.Cpl, Is.EqualTo(3));
        Assert.That(_machine.State.Rip, Is.EqualTo(BareMachine.Code + 0x100));
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.Stack));
        Assert.That(_machine.State.Rflags & Rflags.If, Is.Not.Zero);
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Ds].Attributes.HasFlag(SegmentAttributes.Unusable), Is.True);
    }

    [TestCase(BareMachine.UserCode & ~3, BareMachine.UserData, 13, BareMachine.UserCode & ~3u, TestName = "IRETQ_refuses_code_of_another_level")]
    [TestCase(BareMachine.UserCode, BareMachine.KernelData, 13, (uint)BareMachine.KernelData, TestName = "IRETQ_refuses_a_stack_of_another_level")]
    [TestCase(BareMachine.UserCode, 0, 13, 0u, TestName = "IRETQ_refuses_a_null_stack_for_ring_3")]
    [TestCase(0, BareMachine.UserData, 13, 0u, TestName = "IRETQ_refuses_null_code")]
    public void Refused_returns(int code, int stack, int vector, uint error)
    {
        _machine.Load(a =>
        {
            a.push(stack);
            a.push((int)BareMachine.Stack);
            a.push(0x202);
            a.push(code);
            a.push((int)BareMachine.Code);
            a.iretq();
        });
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(vector));
        Assert.That(_machine.Read(_machine.Rsp), Is.EqualTo((ulong)error));
        Assert.That(_machine.State.Cpl, Is.Zero);
    }

    [Test]
    public void A_call_gate_switches_the_stack_and_far_RET_returns()
    {
        ulong gate = (Entry & 0xFFFF) | ((ulong)BareMachine.KernelCode << 16) | (0xECUL << 40) | ((Entry >> 16) << 48);
        _machine.Memory.Write(BareMachine.Gdt + 0x50, gate);
        _machine.EnterUser();
        _machine.Memory.Write(BareMachine.Page, (0x53UL << 32) | 0);
        _machine.Load(a =>
        {
            a.call(__fword_ptr[BareMachine.Page]);
            a.ud2();
        });
        _machine.Load(a => a.AddInstruction(Iced.Intel.Instruction.Create(Iced.Intel.Code.Retfq)), Entry);
        _machine.Step();
        Assert.That(_machine.State.Cpl, Is.Zero);
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 32));
        Assert.That(_machine.Read(_machine.Rsp + 8), Is.EqualTo(BareMachine.UserCode));
        Assert.That(_machine.Read(_machine.Rsp + 16), Is.EqualTo(BareMachine.Stack));
        _machine.Step();
        Assert.That(_machine.State.Cpl, Is.EqualTo(3));
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.Stack));
    }

    [Test]
    public void Port_access_in_user_mode_asks_the_bitmap([Values] bool allowed)
    {
        _machine.Memory.Write(BareMachine.Tss + 104 + (0x3F8 / 8), (ushort)(allowed ? 0 : 1));
        _machine.EnterUser();
        _machine.Load(a =>
        {
            a.mov(dx, 0x3F8);
            a.mov(al, 0x41);
            a.@out(dx, al);
            a.ud2();
        });
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(allowed ? 6 : 13));
        Assert.That(_machine.Bus.Writes, Is.EqualTo(allowed ? [(2UL, 0x3F8UL, 1, 0x41UL)] : Array.Empty<(ulong, ulong, int, ulong)>()));
    }
}
