using Emu.Core.Machine;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>
/// Every row against what Iced says of it: nothing changes but the registers, flags and bytes of memory it names as written, and what is written
/// depends on nothing but what it names as read. The second is shown by a run that differs from the first in everything else.
/// </summary>
public sealed class RowMetadataTests
{
    private const int Rounds = 25;
    private const ulong Code = 0x40_0000;
    private const ulong Data = 0x60_0000;
    private const int DataSize = 0x4000;

    /// <summary>RSP points into the middle of the data, as every memory operand does.</summary>
    private const int Middle = DataSize / 2;

    /// <summary>With a count of zero they leave the flags alone, which Iced cannot say of the encoding.</summary>
    private static readonly Mnemonic[] KeepsFlags =
    [
        Mnemonic.Shl, Mnemonic.Sal, Mnemonic.Shr, Mnemonic.Sar, Mnemonic.Shld, Mnemonic.Shrd, Mnemonic.Rol, Mnemonic.Ror, Mnemonic.Rcl, Mnemonic.Rcr,
    ];

    private static readonly FlatMachine Machine = new(0x100_0000);
    private readonly InstructionInfoFactory _information = new();

    /// <summary>RDSSP does nothing here; XCHG EAX, EAX is NOP.</summary>
    private static IEnumerable<TestCaseData> Cases()
        => RowsAgainstHostTests.Cases().Where(data => data.Arguments[0] is not (Iced.Intel.Code.Rdsspd_r32 or Iced.Intel.Code.Rdsspq_r64 or Iced.Intel.Code.Xchg_r32_EAX));

    [TestCaseSource(nameof(Cases))]
    public void It_reads_and_writes_what_Iced_says(Code code, bool memory)
    {
        Random random = new((int)code);
        RowInstructions factory = new(random);
        for (int round = 0; round < Rounds; round++)
        {
            Assert.That(factory.TryMake(code, memory, out Instruction instruction), Is.True);
            bool reachesFar = instruction.Op0Kind == OpKind.Memory && instruction.Op1Kind == OpKind.Register && instruction.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc;
            byte[]? bytes = Encode(in instruction);
            if (bytes is not null && !reachesFar)
                Compare(bytes, in instruction, random);
        }
    }

    private void Compare(byte[] bytes, in Instruction instruction, Random random)
    {
        RowFootprint footprint = new(_information.GetInfo(in instruction), in instruction);
        RowState before = Randomise(random, in instruction);
        footprint.Locate(before.Registers, Data, DataSize);
        RowState other = before.Copy();
        footprint.Disturb(other, random, flags: !KeepsFlags.Contains(instruction.Mnemonic));

        RowState first = Run(before, bytes, out bool faulted);
        RowState second = Run(other, bytes, out bool faultedToo);
        string what = $"{instruction} ({Convert.ToHexString(bytes)})";
        Assert.That(faultedToo, Is.EqualTo(faulted), $"{what}: faults by something it does not read");
        if (faulted)
            return;
        Assert.That(footprint.FirstSurprise(before, first), Is.Null, $"{what}: changed without being named");
        Assert.That(footprint.FirstSurprise(other, second), Is.Null, $"{what}: changed without being named");
        Assert.That(footprint.FirstDifference(first, second), Is.Null, $"{what}: depends on something it does not read");
    }

    private static RowState Randomise(Random random, in Instruction instruction)
    {
        RowState state = new(new byte[RegisterImage.Size], new byte[DataSize], (ulong)random.Next(0x1000) & Rflags.Status);
        random.NextBytes(state.Registers);
        random.NextBytes(state.Memory);
        int alignment = instruction.MemorySize.GetSize() >= 16 || random.Next(2) == 0 ? 16 : 1;
        state.SetGpr(GeneralRegister.Rsp, Data + Middle + (ulong)(random.Next(-32, 32) * 8));
        state.SetGpr(GeneralRegister.Rbx, Data + Middle + (ulong)(random.Next(-64, 64) * alignment));
        state.SetGpr(GeneralRegister.R12, (ulong)(random.Next(32) * alignment));
        if (instruction.IsStringInstruction)
        {
            state.SetGpr(GeneralRegister.Rsi, Data + Middle + (ulong)random.Next(512));
            state.SetGpr(GeneralRegister.Rdi, Data + Middle - (ulong)random.Next(8, 512));
        }

        if (random.Next(3) == 0)
            state.SetGpr(GeneralRegister.Rcx, (ulong)random.Next(3));
        return state;
    }

    private static RowState Run(RowState from, byte[] bytes, out bool faulted)
    {
        ref CpuState state = ref Machine.State;
        RegisterImage.Put(ref state, from.Registers);
        state.Rip = Code;
        state.Rflags = from.Flags | Rflags.Fixed;
        state.Mxcsr = 0x1F80;
        state.Fcw = 0x37F;
        state.Fsw = 0;
        state.Ftw = 0xFFFF;
        Machine.Memory.Write(Code, bytes);
        Machine.Memory.Write(Data, from.Memory);
        faulted = Machine.RunWithin(Code, Code + (ulong)bytes.Length, 4) == RunExit.TripleFault;
        if (faulted)
            Machine.EnterLongMode();
        byte[] memory = new byte[DataSize];
        Machine.Memory.Read(Data, memory);
        return new RowState(RegisterImage.Take(ref state), memory, state.Rflags & Rflags.Status);
    }

    private static byte[]? Encode(in Instruction instruction)
    {
        using MemoryStream stream = new();
        Encoder encoder = Encoder.Create(64, new StreamCodeWriter(stream));
        return encoder.TryEncode(in instruction, Code, out _, out _) ? stream.ToArray() : null;
    }
}
