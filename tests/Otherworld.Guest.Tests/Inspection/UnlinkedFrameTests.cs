using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tests.Inspection;

/// <summary>Where the caller of a function outside the chain of frames is read.</summary>
public sealed class UnlinkedFrameTests
{
    private const ulong Start = 0xFFFF_FFFF_8100_0000;
    private const ulong Rsp = 0xFFFF_C900_0000_1000;

    // push rbp; mov rbp, rsp; push rbx; pop rbx; pop rbp; ret
    private static readonly byte[] WithFrame = [0x55, 0x48, 0x89, 0xE5, 0x53, 0x5B, 0x5D, 0xC3];

    // push r12; push rbx; test edi, edi; push rbp; mov rbp, rsp
    private static readonly byte[] Late = [0x41, 0x54, 0x53, 0x85, 0xFF, 0x55, 0x48, 0x89, 0xE5];

    // test edi, edi; je +2; mov eax, edi; nop; ret
    private static readonly byte[] Leaf = [0x85, 0xFF, 0x74, 0x02, 0x89, 0xF8, 0x90, 0xC3];

    // sub rsp, 16; nop
    private static readonly byte[] Local = [0x48, 0x83, 0xEC, 0x10, 0x90];

    private static IEnumerable<TestCaseData> Places()
    {
        yield return new TestCaseData(WithFrame, 0, 0).SetArgDisplayNames("at the beginning");
        yield return new TestCaseData(WithFrame, 1, 8).SetArgDisplayNames("behind push rbp");
        yield return new TestCaseData(WithFrame, 4, null).SetArgDisplayNames("with a frame");
        yield return new TestCaseData(WithFrame, 7, 0).SetArgDisplayNames("in front of ret");
        yield return new TestCaseData(Late, 3, 16).SetArgDisplayNames("with two registers pushed");
        yield return new TestCaseData(Late, 9, null).SetArgDisplayNames("with a late frame");
        yield return new TestCaseData(Leaf, 6, 0).SetArgDisplayNames("without a frame");
        yield return new TestCaseData(Local, 4, null).SetArgDisplayNames("with room on the stack");
        yield return new TestCaseData(Leaf, 1, null).SetArgDisplayNames("within an instruction");
    }

    [TestCaseSource(nameof(Places))]
    public void The_code_tells_where_the_caller_is(byte[] code, int at, int? above)
    {
        UnlinkedFrame frame = new(new Bytes(code), new SymbolTable([new Symbol(Start, "function")]));
        Assert.That(frame.CallerSlot(Start + (ulong)at, Rsp), Is.EqualTo(above is { } bytes ? Rsp + (ulong)bytes : (ulong?)null));
    }

    private sealed class Bytes(byte[] code) : IKernelReader
    {
        public bool TryRead<T>(ulong linear, out T value)
            where T : unmanaged
        {
            value = default;
            Span<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<T>(ref value));
            if (linear < Start || linear - Start + (ulong)bytes.Length > (ulong)code.Length)
                return false;
            code.AsSpan((int)(linear - Start), bytes.Length).CopyTo(bytes);
            return true;
        }
    }
}
