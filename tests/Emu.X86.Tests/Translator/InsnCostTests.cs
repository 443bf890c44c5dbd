using System.Globalization;
using Emu.X86.State;
using Emu.X86.Tests.Rows;
using Emu.X86.Translator;
using Iced.Intel;

namespace Emu.X86.Tests.Translator;

/// <summary>What each translated instruction costs in host code is written down, so that a change of the translator shows in review.</summary>
[TestFixture]
public sealed unsafe class InsnCostTests
{
    private const string Golden = "bench/goldens/insn-cost.json";
    private const string Update = "OTHERWORLD_UPDATE_GOLDENS";
    private const ulong CodeAddress = 0x40_0000;
    private const ulong DataAddress = 0x60_0000;
    private const ulong StackAddress = 0x80_0000;
    private const ulong Ticks = 200;
    private const int Shown = 20;

    private static readonly byte[] JumpToItself = [0xEB, 0xFE];

    [Test]
    public void Host_code_is_as_long_as_written_down()
    {
        if (!EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: nothing to measure.");
        string[] found = [.. Measure()];
        string path = Path.Combine(Checkout.Root, Golden);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, $"{{\n{string.Join(",\n", found)}\n}}\n");
        }

        Assert.That(found, Has.Length.GreaterThan(300));
        Assert.That(path, Does.Exist);
        string[] golden = [.. File.ReadAllLines(path)[1..^1].Select(line => line.TrimEnd(','))];
        string[] changes = [.. golden.Except(found).Select(line => "- " + line), .. found.Except(golden).Select(line => "+ " + line)];
        Assert.That(
            changes,
            Is.Empty,
            $"{changes.Length} lines of {Golden} differ. If the change is meant: {Update}=1 ./otherworld test InsnCost, and commit the file.\n{string.Join('\n', changes.Take(Shown))}");
    }

    /// <summary>A line of JSON for each form that has host code of its own.</summary>
    private static IEnumerable<string> Measure()
    {
        foreach (TestCaseData row in RowsInBothEnginesTests.Cases())
        {
            var code = (Code)row.Arguments[0]!;
            bool memory = (bool)row.Arguments[1]!;
            if (Make(code, memory) is { } program && HostCode(program, code) is { } host)
                yield return string.Create(CultureInfo.InvariantCulture, $"  \"{code}{(memory ? " memory" : "")}\": {{ \"bytes\": {host.HostBytes}, \"instructions\": {host.Host.Count} }}");
        }
    }

    /// <summary>The plain form: the first registers of their kind that live in the host, memory at [rbx+16].</summary>
    private static byte[]? Make(Code code, bool memory)
    {
        if (!new RowInstructions(new Random(0)).TryMake(code, memory, out Instruction instruction))
            return null;
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Register && !IsImplied(code.ToOpCode().GetOpKind(i)))
                instruction.SetOpRegister(i, Plain(instruction.GetOpRegister(i), i));
        }

        if (instruction.MemoryBase != Register.None)
        {
            instruction.MemoryIndex = Register.None;
            instruction.MemoryDisplacement64 = 16;
        }

        using MemoryStream stream = new();
        Encoder encoder = Encoder.Create(64, new StreamCodeWriter(stream));
        return encoder.TryEncode(in instruction, CodeAddress, out _, out _) ? stream.ToArray() : null;
    }

    private static bool IsImplied(OpCodeOperandKind kind) => kind is OpCodeOperandKind.al or OpCodeOperandKind.cl or OpCodeOperandKind.ax or OpCodeOperandKind.eax or OpCodeOperandKind.rax;

    private static Register Plain(Register register, int operand) => register switch
    {
        _ when register.IsGPR8() => operand == 0 ? Register.AL : Register.DL,
        _ when register.IsGPR16() => operand == 0 ? Register.AX : Register.DX,
        _ when register.IsGPR32() => operand == 0 ? Register.EAX : Register.EDX,
        _ when register.IsGPR64() => operand == 0 ? Register.RAX : Register.RDX,
        _ when register.IsXMM() => Register.XMM1 + operand,
        _ => register,
    };

    /// <summary>What became of an instruction; null when the interpreter runs it.</summary>
    private static ListedInstruction? HostCode(byte[] program, Code code)
    {
        using FlatMachine machine = new(16 << 20);
        machine.Processor.Engine = EngineKind.Translator;
        machine.Processor.TranslateAfter = 1;
        machine.Memory.Write(CodeAddress, (byte[])[.. program, .. JumpToItself]);
        ref CpuState state = ref machine.State;
        state.Fcw = 0x37F;
        state.Ftw = 0; // no register is empty
        state.Rip = CodeAddress;
        state.Gpr[(int)GeneralRegister.Rbx] = DataAddress;
        state.Gpr[(int)GeneralRegister.Rsp] = StackAddress;
        machine.Processor.Run(machine.Clock.Now + Ticks);
        TranslatedBlock block = machine.Processor.TranslatedBlocks().FirstOrDefault(one => one.Start == CodeAddress);
        if (block == default || machine.Processor.List(block, CodeAddress) is not { } listing)
            return null;
        ListedInstruction? line = listing.FirstOrDefault(one => one.Code == code);
        return line is null or { Host: [{ Text: "call leave.Interpret" }] } ? null : line;
    }
}
