using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>
/// Who called whom in a running kernel, by its chain of frames. A function that has not made its frame yet, or has taken it down, is told by the instruction at RIP.
/// </summary>
/// <param name="memory">Guest memory.</param>
/// <param name="symbols">The kernel's.</param>
internal sealed class KernelStack(KernelMemory memory, SymbolTable symbols)
{
    private const byte PushRbp = 0x55;
    private const byte Ret = 0xC3;
    private const uint MoveRbpRsp = 0xE5_8948;

    private readonly KernelMemory _memory = memory;
    private readonly FrameChain _frames = new(memory, symbols);

    /// <summary>Addresses, the innermost first.</summary>
    /// <param name="rip">Where the kernel is.</param>
    /// <param name="rsp">Its stack pointer.</param>
    /// <param name="rbp">Its frame pointer.</param>
    public IReadOnlyList<ulong> From(ulong rip, ulong rsp, ulong rbp)
    {
        List<ulong> found = [rip];
        if (FrameSlot(rip, rsp) is { } slot && _memory.TryRead(slot, out ulong first) && _frames.IsText(first))
            found.Add(first);
        foreach (FrameLink link in _frames.From(rbp))
        {
            if (link.IsUser || link.Kind is not (FrameKind.Call or FrameKind.Exception))
                break;
            found.Add(link.Rip);
        }

        return found;
    }

    /// <summary>Where the caller's address is while the function at RIP has no frame; null while it has one.</summary>
    private ulong? FrameSlot(ulong rip, ulong rsp)
    {
        if (!_memory.TryRead(rip, out uint code))
            return null;
        if ((byte)code is PushRbp or Ret)
            return rsp;
        return (code & 0xFF_FFFF) == MoveRbpRsp && _memory.TryRead(rip - 1, out byte before) && before == PushRbp ? rsp + 8 : null;
    }
}
