using Emu.Core.Machine;
using Emu.X86.State;

namespace Emu.X86.Tests.Supervisor;

/// <summary>An instruction that begins in one page and ends in the next follows every write to its bytes, wherever the two pages lie.</summary>
public sealed class PageCrossingCodeTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong First = BareMachine.Page;
    private const ulong Second = BareMachine.Page + 0x1000;
    private const ulong Start = Second - 2;

    [Test]
    public void Both_halves_follow_writes([Values] bool sameFrame, [Values] bool secondHalf, [Values] bool fromOutside)
    {
        // mov eax, 11223344H with two bytes in the first page, three in the second; then HLT.
        ulong second = sameFrame ? First : Second;
        Machine.Memory.Write(BareMachine.Pt + 8, second | 7);
        Machine.Memory.Write(Start, (byte)0xB8);
        Machine.Memory.Write(Start + 1, (byte)0x44);
        Machine.Memory.Write(second, 0xF411_2233u);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x1122_3344));

        ulong target = secondHalf ? second : Start + 1;
        if (fromOutside)
            Machine.Memory.Write(target, (byte)0x99);
        else
            Store(target);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(secondHalf ? 0x1122_9944UL : 0x1122_3399UL));
    }

    [Test]
    public void A_second_page_that_is_mapped_elsewhere_is_read_there()
    {
        Machine.Memory.Write(Start, (ushort)0x44B8);
        Machine.Memory.Write(Second, 0xF411_2233u);
        Machine.Memory.Write(Second + 0x1000, 0xF455_6677u);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x1122_3344));
        Machine.Memory.Write(BareMachine.Pt + 8, (Second + 0x1000) | 7);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x5566_7744));
    }

    [Test]
    public void What_follows_in_the_second_page_follows_writes([Values] bool sameFrame, [Values] bool fromOutside)
    {
        ulong second = sameFrame ? First : Second;
        Machine.Memory.Write(BareMachine.Pt + 8, second | 7);
        ulong changed = WriteLongBlock(second, 0x44);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(0x1122_3344));

        if (fromOutside)
            Machine.Memory.Write(changed, (byte)0x99);
        else
            Store(changed);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(0x1122_3399));
    }

    [Test]
    public void What_follows_is_read_where_the_second_page_is_mapped_now()
    {
        WriteLongBlock(Second, 0x44);
        WriteLongBlock(Second + 0x1000, 0x55);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(0x1122_3344));
        Machine.Memory.Write(BareMachine.Pt + 8, (Second + 0x1000) | 7);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(0x1122_3355));
    }

    [Test]
    public void An_instruction_that_changes_the_next_one_in_the_second_page_is_obeyed()
    {
        byte[] code = [0xB8, 1, 0, 0, 0, 0xC6, 0x07, 0x99, 0xB9, 0x44, 0x33, 0x22, 0x11, 0xF4]; // mov eax, 1; mov byte [rdi], 99H; mov ecx, 11223344H; hlt
        Machine.Memory.Write(BareMachine.Pt + 8, Second | 7);
        Machine.Memory.Write(Start, code);
        Machine.SetGpr(GeneralRegister.Rdi, Start + 9);
        Run();
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(0x1122_3399));
    }

    /// <summary>MOV EAX, imm32 with three of its bytes in the second page; there 40 bytes of INC EDX, MOV ECX, 112233xxH and HLT.</summary>
    /// <returns>Where xx lies.</returns>
    private ulong WriteLongBlock(ulong second, byte value)
    {
        byte[] increments = [.. Enumerable.Repeat((byte[])[0xFF, 0xC2], 20).SelectMany(pair => pair)];
        byte[] rest = [0, 0, 0, .. increments, 0xB9, value, 0x33, 0x22, 0x11, 0xF4];
        Machine.Memory.Write(Start, (ushort)0x01B8);
        Machine.Memory.Write(second, rest);
        return second + (ulong)rest.Length - 5;
    }

    private void Run()
    {
        Machine.State.Rip = Start;
        Machine.State.Halted = 0;
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
    }

    /// <summary>The guest itself writes 99H to a byte, by its address.</summary>
    private void Store(ulong address)
    {
        Machine.SetGpr(GeneralRegister.Rdi, address);
        Machine.Memory.Write(BareMachine.Code, 0xF499_07C6u); // mov byte [rdi], 99H; hlt
        Machine.State.Rip = BareMachine.Code;
        Machine.State.Halted = 0;
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
    }
}
