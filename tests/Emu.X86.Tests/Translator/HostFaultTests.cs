using Emu.Core;
using Emu.X86.Tests.Rows;
using Emu.X86.Translator;

namespace Emu.X86.Tests.Translator;

/// <summary>Generated code that the host refuses becomes an internal error that names block and instruction, and the process goes on.</summary>
[TestFixture]
public sealed unsafe class HostFaultTests
{
    private const ulong CodeAddress = 0x40_0000;
    private const ulong Ticks = 10_000;

    private static readonly byte[] Program = [0x48, 0xFF, 0xC0, 0x48, 0x01, 0xC3, 0xEB, 0xF8]; // inc rax; add rbx, rax; jmp to the start

    [SetUp]
    public void NeedTranslator()
    {
        if (!EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: nothing to try.");
    }

    [TestCase("0F0B", "SIGILL", TestName = "ud2")]
    [TestCase("890425E8030000", "SIGSEGV", TestName = "mov [1000], eax")]
    [TestCase("31C9F7F1", "SIGFPE", TestName = "xor ecx, ecx; div ecx")]
    [TestCase("48C7C4E8030000FF3425E8030000", "SIGSEGV", TestName = "mov rsp, 1000; push [1000]")]
    [TestCase("31C9FFE1", "SIGSEGV", TestName = "xor ecx, ecx; jmp rcx")]
    public void Becomes_an_internal_error(string fault, string signal)
    {
        using FlatMachine machine = Warm(out TranslatedBlock block);
        IReadOnlyList<ListedInstruction> before = machine.Processor.List(block, CodeAddress)!;
        ListedInstruction add = before.Single(line => line.Guest.StartsWith("add", StringComparison.Ordinal));
        Convert.FromHexString(fault).CopyTo(new Span<byte>((byte*)add.Host[0].Address, 16));

        InternalErrorException error = Assert.Throws<InternalErrorException>(() => machine.Processor.Run(machine.Clock.Now + Ticks))!;

        Assert.That(error.Message, Does.Contain($"{signal} in generated code"));
        if (!fault.EndsWith("FFE1", StringComparison.Ordinal))
            Assert.That(error.Message, Does.Contain("in the block at RIP 400000").And.Contain("add rbx,rax").And.Contain("-->"));
        using FlatMachine other = Warm(out _);
        Assert.That(other.Processor.TranslatedBlocks(), Is.Not.Empty, "another machine runs on");
    }

    [Test]
    public void Faults_of_the_runtime_stay_its_own()
    {
        using FlatMachine machine = Warm(out _);
        string? nothing = null;
        Assert.Throws<NullReferenceException>(() => _ = nothing!.Length);
        int zero = (int)(machine.State.Rip & 0);
        Assert.Throws<DivideByZeroException>(() => _ = 1 / zero);
    }

    [Test]
    public void A_listing_covers_all_host_bytes()
    {
        using FlatMachine machine = Warm(out TranslatedBlock block);
        IReadOnlyList<ListedInstruction> listing = machine.Processor.List(block, CodeAddress)!;
        Assert.That(listing.Select(line => line.Guest), Is.EqualTo(new[] { "(ticks)", "inc rax", "add rbx,rax", "jmp short 0000000000400000h" }));
        Assert.That(listing.Sum(line => line.HostBytes), Is.EqualTo(block.HostBytes));
        Assert.That(listing[1].Host.Select(host => host.Text), Is.EqualTo(new[] { "inc rax" }));
        Assert.That(listing[3].Host.Single().Text, Is.EqualTo("jmp +b"), "the branch is linked to the entry behind the first exit");
    }

    private static FlatMachine Warm(out TranslatedBlock block)
    {
        FlatMachine machine = new(16 << 20);
        machine.Processor.Engine = EngineKind.Translator;
        machine.Memory.Write(CodeAddress, Program);
        machine.State.Rip = CodeAddress;
        machine.Processor.Run(machine.Clock.Now + Ticks);
        block = machine.Processor.TranslatedBlocks().Single(one => one.IsCurrent);
        return machine;
    }
}
