using Emu.Core.Machine;
using Emu.X86.State;
using Emu.X86.Tests.Supervisor;

namespace Emu.X86.Tests.Rows;

/// <summary>Hints that this processor does not know do nothing, and do not touch memory.</summary>
public sealed class ReservedNopTests
{
    [TestCase("F30F1EC8", TestName = "RDSSPD")]
    [TestCase("F3480F1EC8", TestName = "RDSSPQ")]
    [TestCase("0F1AC0", TestName = "0FH 1AH with a register")]
    [TestCase("0F1B00", TestName = "0FH 1BH with memory")]
    [TestCase("660F1A00", TestName = "66H 0FH 1AH")]
    [TestCase("0F1C00", TestName = "CLDEMOTE")]
    [TestCase("0F1E00", TestName = "0FH 1EH")]
    [TestCase("0F1F38", TestName = "0FH 1FH /7")]
    [TestCase("0F18F8", TestName = "0FH 18H /7 with a register")]
    [TestCase("0F0DC0", TestName = "0FH 0DH with a register")]
    public void It_does_nothing(string bytes)
    {
        using BareMachine machine = new();
        machine.EnterLongMode();
        byte[] code = [.. Convert.FromHexString(bytes), 0xF4];
        machine.Memory.Write(BareMachine.Code, code);
        machine.SetGpr(GeneralRegister.Rax, 0x1234_5678_0040_0000); // neither canonical nor mapped
        Assert.That(machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(machine.State.Rip, Is.EqualTo(BareMachine.Code + (ulong)code.Length));
        Assert.That(machine.Gpr(GeneralRegister.Rax), Is.EqualTo(0x1234_5678_0040_0000));
    }
}
