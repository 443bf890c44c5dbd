using Emu.X86.Semantics;
using Emu.X86.Tests.Rows;
using Iced.Intel;

namespace Emu.X86.Tests.Translator;

/// <summary>Every row that runs outside a kernel, often enough to be translated, gives the same registers, flags and bytes in both engines.</summary>
[TestFixture]
public sealed class RowsInBothEnginesTests
{
    private const int Instructions = 3;
    private const int Runs = 30;
    private const ulong Ticks = 100;

    private static readonly byte[] JumpToItself = [0xEB, 0xFE];
    private static readonly byte[] Lahf = [0x9F];
    private static readonly byte[] JumpIfNotZero = [0x75, 0x00];
    private static readonly byte[] MultiplyAndShift = [0x48, 0x0F, 0xAF, 0xC2, 0xC1, 0xEA, 0x03]; // imul rax, rdx; shr edx, 3

    private EnginePair? _pair;

    public static IEnumerable<TestCaseData> Cases() => [.. RowsAgainstHostTests.Cases(), .. RowsAgainstHostTests.X87Cases()];

    [OneTimeSetUp]
    public void Create() => _pair = new EnginePair();

    [OneTimeTearDown]
    public void Drop() => _pair?.Dispose();

    [TestCaseSource(nameof(Cases))]
    public void Both_engines_do_the_same(Code code, bool memory)
    {
        Random random = new((int)code);
        RowInstructions factory = new(random);
        for (int i = 0; i < Instructions; i++)
        {
            Assert.That(factory.TryMake(code, memory, out Instruction instruction), Is.True);
            if (code.ToOpCode().CanUseRepPrefix && (InsnTable.Instance[code].Traits & RowTraits.String) != 0 && random.Next(2) == 0)
                instruction.HasRepPrefix = true;
            if (Encode(in instruction) is not { } bytes)
                continue;
            byte[] before = i == 1 ? MultiplyAndShift : [];
            byte[][] behind = [[], Lahf, JumpIfNotZero];
            Run(random, in instruction, [.. before, .. bytes, .. behind[i % behind.Length], .. JumpToItself]);
        }
    }

    [Test]
    public void The_programs_were_translated()
    {
        Both_engines_do_the_same(Code.Add_rm64_r64, memory: true);
        Assert.That(_pair!.Translated, Is.GreaterThan(3UL));
    }

    private void Run(Random random, in Instruction instruction, byte[] program)
    {
        _pair!.Load(program);
        string what = $"{instruction} ({Convert.ToHexString(program)})";
        bool isString = instruction.IsStringInstruction;
        uint alignment = instruction.MemorySize.GetSize() >= 16 ? 16u : 1;
        bool bitString = instruction.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && instruction.Op1Kind == OpKind.Register;
        int bit = bitString ? instruction.Op1Register.GetFullRegister() - Register.RAX : -1;
        for (int run = 0; run < Runs; run++)
        {
            _pair.Randomise(random, random.Next(8) == 0 ? 1 : alignment, gpr =>
            {
                if (bit >= 0)
                    gpr[bit] = (ulong)random.Next(0x4000);
                if (!isString)
                    return;
                gpr[1] = (ulong)random.Next(40);
                gpr[6] = EnginePair.DataAddress + 0x800 + (ulong)random.Next(0x1000);
                gpr[7] = EnginePair.DataAddress + 0x800 + (ulong)random.Next(0x1000);
            });
            _pair.RunAndCompare(Ticks + (ulong)random.Next(3), $"{what}, run {run}");
        }
    }

    private static byte[]? Encode(in Instruction instruction)
    {
        using MemoryStream stream = new();
        Encoder encoder = Encoder.Create(64, new StreamCodeWriter(stream));
        return encoder.TryEncode(in instruction, EnginePair.CodeAddress, out _, out _) ? stream.ToArray() : null;
    }
}
