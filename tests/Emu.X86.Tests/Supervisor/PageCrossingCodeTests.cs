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
