using Emu.Core.Machine;
using Emu.X86.State;

namespace Emu.X86.Tests.Supervisor;

/// <summary>An instruction that begins in one page and ends in the next follows every write to its bytes, wherever the two pages lie.</summary>
public sealed class PageCrossingCodeTests
{
    private const ulong First = BareMachine.Page;
    private const ulong Second = BareMachine.Page + 0x1000;
    private const ulong Start = Second - 2;

    private BareMachine _machine = null!;

    [SetUp]
    public void SetUp()
    {
        _machine = new BareMachine();
        _machine.EnterLongMode();
    }

    [TearDown]
    public void TearDown() => _machine.Dispose();

    [Test]
    public void Both_halves_follow_writes([Values] bool sameFrame, [Values] bool secondHalf, [Values] bool fromOutside)
    {
        // mov eax, 11223344H with two bytes in the first page, three in the second; then HLT.
        ulong second = sameFrame ? First : Second;
        _machine.Memory.Write(BareMachine.Pt + 8, second | 7);
        _machine.Memory.Write(Start, (byte)0xB8);
        _machine.Memory.Write(Start + 1, (byte)0x44);
        _machine.Memory.Write(second, 0xF411_2233u);
        Run();
        Assert.That(_machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x1122_3344));

        ulong target = secondHalf ? second : Start + 1;
        if (fromOutside)
            _machine.Memory.Write(target, (byte)0x99);
        else
            Store(target);
        Run();
        Assert.That(_machine.Gpr(GeneralRegister.Rax), Is.EqualTo(secondHalf ? 0x1122_9944UL : 0x1122_3399UL));
    }

    [Test]
    public void A_second_page_that_is_mapped_elsewhere_is_read_there()
    {
        _machine.Memory.Write(Start, (ushort)0x44B8);
        _machine.Memory.Write(Second, 0xF411_2233u);
        _machine.Memory.Write(Second + 0x1000, 0xF455_6677u);
        Run();
        Assert.That(_machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x1122_3344));
        _machine.Memory.Write(BareMachine.Pt + 8, (Second + 0x1000) | 7);
        Run();
        Assert.That(_machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x5566_7744));
    }

    private void Run()
    {
        _machine.State.Rip = Start;
        _machine.State.Halted = 0;
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
    }

    /// <summary>The guest itself writes 99H to a byte, by its address.</summary>
    private void Store(ulong address)
    {
        _machine.SetGpr(GeneralRegister.Rdi, address);
        _machine.Memory.Write(BareMachine.Code, 0xF499_07C6u); // mov byte [rdi], 99H; hlt
        _machine.State.Rip = BareMachine.Code;
        _machine.State.Halted = 0;
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
    }
}
