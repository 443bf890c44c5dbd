using Iced.Intel;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>
/// Functions that stand outside the chain of frames: shortly behind a call, right in front of a return, or without a frame of their own. What they have pushed so
/// far is told by their code from its beginning; the caller's address lies above that.
/// </summary>
/// <param name="memory">The kernel's memory.</param>
/// <param name="symbols">Its symbols, to find where a function begins.</param>
internal sealed class UnlinkedFrame(IKernelReader memory, SymbolTable symbols)
{
    private const int LongestPrologue = 256;

    private readonly IKernelReader _memory = memory;
    private readonly SymbolTable _symbols = symbols;

    /// <summary>Where the address of the caller lies while the frame of the function at an address is not linked.</summary>
    /// <param name="rip">Where the kernel is.</param>
    /// <param name="rsp">Its stack pointer.</param>
    /// <returns>Null while the frame is linked, or where the code does not tell.</returns>
    public ulong? CallerSlot(ulong rip, ulong rsp)
    {
        if (IsReturn(rip))
            return rsp;
        return _symbols.TryFind(rip, out Symbol function) && Pushed(function.Address, rip) is { } pushed ? rsp + (8 * (ulong)pushed) : null;
    }

    private bool IsReturn(ulong rip) => _memory.TryRead(rip, out byte first) && first == 0xC3;

    /// <summary>Registers pushed on the way from <paramref name="start"/>; null once the frame is linked. Without a frame to come, a function that calls or branches has pushed nothing.</summary>
    private int? Pushed(ulong start, ulong rip)
    {
        if (rip - start > LongestPrologue)
            return null;
        int pushed = 0;
        var decoder = Decoder.Create(64, Read(start, (int)(rip - start)), start);
        while (decoder.IP < rip)
        {
            Instruction insn = decoder.Decode();
            if (insn.Code == Code.Push_r64)
                pushed++;
            else if (insn.IsInvalid || MovesStack(insn) || WritesStackOrFrame(insn) || (pushed != 0 && insn.FlowControl != FlowControl.Next))
                return null;
        }

        return pushed;
    }

    private static bool MovesStack(in Instruction insn) => insn.StackPointerIncrement != 0 && insn.FlowControl == FlowControl.Next;

    private static bool WritesStackOrFrame(in Instruction insn) =>
        insn.OpCount > 0 && insn.Op0Kind == OpKind.Register && insn.Op0Register is Register.RSP or Register.RBP;

    /// <summary>Bytes of code, up to one that is not mapped to RAM.</summary>
    private byte[] Read(ulong at, int length)
    {
        byte[] code = new byte[length];
        int read = 0;
        while (read < length && _memory.TryRead(at + (ulong)read, out code[read]))
            read++;
        return code[..read];
    }
}
