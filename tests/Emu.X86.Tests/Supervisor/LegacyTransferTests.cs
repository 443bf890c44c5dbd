using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>The 16-bit forms of task switches and call gates; SYSENTER and SYSEXIT outside 64-bit mode; string instructions under data breakpoints.</summary>
public sealed unsafe class LegacyTransferTests() : BareMachineTests(machine => machine.EnterProtectedMode())
{
    private const ulong SmallTask = 0x5_0000;
    private const ulong SmallCode = 0x8000;
    private const ulong SmallStack = 0xA000;

    [Test]
    public void CALL_to_a_16_bit_TSS_and_IRET_back()
    {
        PrepareSmallTask();
        Machine.Memory.Write(BareMachine.Gdt + 0x30 + 5, (byte)0x8B);
        Machine.Load(a =>
        {
            a.mov(ebx, 0x1_0007);
            a.call(0x58, 0);
            a.hlt();
        }, bitness: 32);
        Machine.Load(a =>
        {
            a.inc(cx);
            a.mov(si, 0x77);
            a.iretd();
        }, SmallCode, bitness: 32);
        Machine.Step(2);
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Tr].Selector, Is.EqualTo(0x58));
        Assert.That(Machine.State.Rip, Is.EqualTo(SmallCode));
        Assert.That((ushort)Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(3), "from the new TSS");
        Assert.That((ushort)Machine.Rsp, Is.EqualTo(SmallStack));
        Assert.That(Machine.State.Rflags & Rflags.Nt, Is.Not.Zero);
        Assert.That(Machine.Memory.Read<ushort>(SmallTask), Is.EqualTo(BareMachine.TaskSelector), "the link");
        Machine.RunToHalt();
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Tr].Selector, Is.EqualTo(BareMachine.TaskSelector));
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(0x1_0007), "the 32-bit TSS kept the upper half");
        Assert.That(Machine.Memory.Read<ushort>(SmallTask + 14), Is.EqualTo((ushort)SmallCode + 7), "IP behind IRET");
        Assert.That(Machine.Memory.Read<ushort>(SmallTask + 20), Is.EqualTo(6), "CX was saved");
        Assert.That(Machine.Memory.Read<ushort>(SmallTask + 30), Is.EqualTo(0x77), "SI was saved");
        Assert.That(Machine.Memory.Read<byte>(BareMachine.Gdt + 0x58 + 5), Is.EqualTo(0x81), "not busy any more");
    }

    [Test]
    public void JMP_to_a_16_bit_TSS_leaves_the_old_one_free_and_makes_no_link()
    {
        PrepareSmallTask();
        Machine.Memory.Write(BareMachine.Gdt + 0x30 + 5, (byte)0x8B);
        Machine.Load(a => a.jmp(0x58, 0), bitness: 32);
        Machine.Step();
        Assert.That(Machine.State.Rip, Is.EqualTo(SmallCode));
        Assert.That(Machine.Memory.Read<byte>(BareMachine.Gdt + 0x30 + 5), Is.EqualTo(0x89));
        Assert.That(Machine.Memory.Read<byte>(BareMachine.Gdt + 0x58 + 5), Is.EqualTo(0x83));
        Assert.That(Machine.Memory.Read<ushort>(SmallTask), Is.Zero);
        Assert.That(Machine.State.Rflags & Rflags.Nt, Is.Zero);
    }

    [Test]
    public void A_16_bit_call_gate_copies_words()
    {
        const ulong entry = 0x9000;
        const ushort next = (ushort)((BareMachine.Code + 15) & 0xFFFF); // the frame has no room for more
        Machine.Memory.Write(BareMachine.Gdt + 0x50, entry | ((ulong)BareMachine.KernelCode << 16) | (2UL << 32) | (0xE4UL << 40));
        Machine.EnterUser(rsp: SmallStack, compatibility: true);
        Machine.Load(a =>
        {
            a.db(0x66, 0x68, 0x11, 0x11); // push 1111H, as a word
            a.db(0x66, 0x68, 0x22, 0x22);
            a.call(0x53, 0);
        }, bitness: 32);
        Machine.Load(a => a.db(0x66, 0xCA, 4, 0), entry, bitness: 32); // retf 4, with words
        Machine.Step(3);
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.State.Rip, Is.EqualTo(entry));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 12));
        Assert.That(Words(6), Is.EqualTo(new ushort[] { next, BareMachine.UserCode32, 0x2222, 0x1111, (ushort)SmallStack - 4, BareMachine.UserData }));
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.Rsp, Is.EqualTo(SmallStack), "parameters released on both stacks");
        Assert.That(Machine.State.Rip, Is.EqualTo(next));
    }

    [Test]
    public void SYSENTER_and_SYSEXIT_in_protected_mode()
    {
        PrepareSysenter();
        Machine.EnterUser(compatibility: true);
        Machine.State.Rflags |= Rflags.If;
        Machine.Load(a => a.sysenter(), bitness: 32);
        Machine.Load(a => a.sysexit(), 0x2_4000, bitness: 32);
        Machine.Step();
        AssertEntered(SegmentAttributes.Big);
        Exit();
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Cs].Selector, Is.EqualTo(BareMachine.UserCode32));
    }

    [Test]
    public void SYSENTER_from_compatibility_mode_enters_64_bit_code_and_SYSEXIT_returns_to_32_bits()
    {
        StartOver(machine => machine.EnterLongMode());
        PrepareSysenter();
        Machine.EnterUser(compatibility: true);
        Machine.State.Rflags |= Rflags.If;
        Machine.Load(a => a.sysenter(), bitness: 32);
        Machine.Load(a => a.sysexit(), 0x2_4000);
        Machine.Step();
        AssertEntered(SegmentAttributes.Long);
        Exit();
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Cs].Attributes & (SegmentAttributes.Long | SegmentAttributes.Big), Is.EqualTo(SegmentAttributes.Big));
    }

    [Test]
    public void SYSENTER_without_a_selector_is_refused()
    {
        Machine.EnterUser(compatibility: true);
        Machine.State.SysenterCs = 3;
        Machine.Load(a => a.sysenter(), bitness: 32);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
    }

    [Test]
    public void A_data_breakpoint_traps_behind_the_iteration_that_hits_it([Values] bool reads)
    {
        Machine.Load(a =>
        {
            a.rep.movsb();
            a.hlt();
        }, bitness: 32);
        Machine.SetGpr(GeneralRegister.Rsi, BareMachine.Page);
        Machine.SetGpr(GeneralRegister.Rdi, BareMachine.Page + 0x100);
        Machine.SetGpr(GeneralRegister.Rcx, 10);
        Machine.State.Dr[3] = BareMachine.Page + (reads ? 3u : 0x103);
        Machine.State.Dr7 = 0x400 | (1 << 6) | ((reads ? 3UL : 1) << 28);
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(6), "four bytes were moved");
        Assert.That(Machine.Memory.Read<uint>(Machine.Rsp), Is.EqualTo((uint)BareMachine.Code), "the rest is still to be done");
        Assert.That(Machine.State.Dr6 & 0xF, Is.EqualTo(8));
    }

    private ushort[] Words(int count) => [.. Enumerable.Range(0, count).Select(i => Machine.Memory.Read<ushort>(Machine.Rsp + (2 * (ulong)i)))];

    private void PrepareSmallTask()
    {
        Machine.Memory.Write(BareMachine.Gdt + 0x58, 43UL | (SmallTask << 16) | (0x81UL << 40));
        Machine.Memory.Write(SmallTask + 14, (ushort)SmallCode);
        Machine.Memory.Write(SmallTask + 16, (ushort)2);
        Machine.Memory.Write(SmallTask + 20, (ushort)5); // CX
        Machine.Memory.Write(SmallTask + 24, (ushort)3); // BX
        Machine.Memory.Write(SmallTask + 26, (ushort)SmallStack);
        foreach (uint offset in (uint[])[34, 38, 40])
            Machine.Memory.Write(SmallTask + offset, BareMachine.KernelData);
        Machine.Memory.Write(SmallTask + 36, BareMachine.KernelCode);
    }

    private void PrepareSysenter()
    {
        Machine.State.SysenterCs = BareMachine.KernelCode;
        Machine.State.SysenterEip = 0x2_4000;
        Machine.State.SysenterEsp = BareMachine.InnerStack;
    }

    private void AssertEntered(SegmentAttributes width)
    {
        ref SegmentRegister code = ref Machine.State.Segments[(int)SegmentIndex.Cs];
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.State.Rip, Is.EqualTo(0x2_4000));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack));
        Assert.That(code.Selector, Is.EqualTo(BareMachine.KernelCode));
        Assert.That(code.Attributes & (SegmentAttributes.Long | SegmentAttributes.Big), Is.EqualTo(width));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(BareMachine.KernelData));
        Assert.That(Machine.State.Rflags & Rflags.If, Is.Zero);
    }

    private void Exit()
    {
        Machine.SetGpr(GeneralRegister.Rdx, 0x2_5000);
        Machine.SetGpr(GeneralRegister.Rcx, 0x2_F000);
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.State.Rip, Is.EqualTo(0x2_5000));
        Assert.That(Machine.Rsp, Is.EqualTo(0x2_F000));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(BareMachine.UserData));
    }
}
