using Iced.Intel;
using Otherworld.Guest.Faults;

namespace Otherworld.Guest.Tests.Faults;

/// <summary>Changes to the bytes of one instruction, against what an independent decoder says of them.</summary>
[TestFixture]
public sealed class TextMutationTests
{
    [TestCase("7405", 1, "jne")]
    [TestCase("0F8400000000", 1, "jne")]
    [TestCase("7205", 4, "jbe")]
    [TestCase("7C05", 2, "jle")]
    [TestCase("7D05", 2, "jg")]
    [TestCase("7305", 4, "ja")]
    [TestCase("480F44C1", 1, "cmovne")]
    [TestCase("0F92C0", 4, "setbe")]
    public void A_condition_is_another(string code, int flipped, string mnemonic)
    {
        byte[] bytes = Convert.FromHexString(code);
        byte[] changed = InstructionBytes.WithOtherCondition(Decode(bytes), [.. bytes], flipped);
        Assert.That(Decode(changed).Mnemonic.ToString().ToLowerInvariant(), Is.EqualTo(mnemonic));
        Assert.That(Decode(changed).Length, Is.EqualTo(bytes.Length));
    }

    [Test]
    public void A_repetition_is_dropped_or_swapped()
    {
        byte[] compare = [0xF3, 0x48, 0xA7]; // repe cmpsq
        Assert.That(InstructionBytes.WithoutRepeat(compare), Is.EqualTo(new byte[] { 0x90, 0x48, 0xA7 }));
        Assert.That(Decode(InstructionBytes.WithOtherRepeat(compare)).HasRepnePrefix, Is.True);
    }

    [TestCase(Register.RAX, 0, Register.RCX)]
    [TestCase(Register.EDI, 2, Register.EBX)]
    [TestCase(Register.R15, 1, Register.R13)]
    [TestCase(Register.R8W, 0, Register.R9W)]
    public void The_neighbour_of_a_register_differs_in_one_bit_and_not_in_width(Register register, int bit, Register neighbour) =>
        Assert.That(InstructionBytes.Neighbour(register, bit), Is.EqualTo(neighbour));

    [Test]
    public void A_changed_instruction_is_as_long_as_it_was()
    {
        byte[] bytes = [0x48, 0x89, 0xC3]; // mov rbx, rax
        Instruction changed = Decode(bytes);
        changed.SetOpRegister(0, InstructionBytes.Neighbour(Register.RBX, 1));
        Assert.That(InstructionBytes.Encode(changed, bytes.Length), Is.EqualTo(new byte[] { 0x48, 0x89, 0xC1 })); // mov rcx, rax
        Assert.That(InstructionBytes.Encode(changed, 8), Has.Length.EqualTo(8));
        Assert.That(InstructionBytes.Encode(changed, 2), Is.Null);
    }

    private static Instruction Decode(byte[] bytes) => Decoder.Create(64, bytes, 0x1000).Decode();
}
