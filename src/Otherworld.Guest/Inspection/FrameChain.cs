using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>
/// The chain of frames of a kernel that keeps frame pointers (CONFIG_UNWINDER_FRAME_POINTER), through exceptions and interrupts and from stack to stack down to user
/// mode. Nothing is followed twice.
/// </summary>
/// <param name="memory">The kernel's memory.</param>
/// <param name="symbols">Its symbols.</param>
internal sealed class FrameChain(IKernelReader memory, SymbolTable symbols)
{
    private const int Most = 256;
    private const int RegistersRbp = 4 * 8; // struct pt_regs (arch/x86/include/asm/ptrace.h)
    private const int RegistersRip = 16 * 8;
    private const int RegistersCs = 17 * 8;
    private const ulong KernelCs = 0x10; // arch/x86/include/asm/segment.h
    private const ulong UserCs = 0x33;
    private const ulong User32Cs = 0x23;

    private readonly IKernelReader _memory = memory;
    private readonly ulong _start = symbols.AddressOf("_stext");
    private readonly ulong _end = symbols.AddressOf("_etext");

    /// <summary>An address in the kernel's code.</summary>
    public bool IsText(ulong address) => address >= _start && address < _end;

    /// <summary>The links, the innermost first.</summary>
    /// <param name="rbp">The frame pointer where the kernel stands.</param>
    public IEnumerable<FrameLink> From(ulong rbp)
    {
        HashSet<ulong> seen = [];
        ulong frame = rbp;
        while (frame != 0)
        {
            ulong at = frame & ~1UL;
            FrameLink link = seen.Count < Most && seen.Add(at) ? Read(frame, out frame) : new FrameLink(FrameKind.Circle, at);
            yield return link;
            if (link.Kind is not (FrameKind.Call or FrameKind.Exception) || link.IsUser)
                yield break;
        }
    }

    private FrameLink Read(ulong frame, out ulong next)
    {
        ulong at = frame & ~1UL;
        if ((frame & 1) == 0)
        {
            return _memory.TryRead(at, out next) && _memory.TryRead(at + 8, out ulong caller) && IsText(caller)
                ? new FrameLink(FrameKind.Call, at, caller)
                : new FrameLink(FrameKind.NoFrame, at);
        }

        if (!_memory.TryRead(at + RegistersRbp, out next) || !_memory.TryRead(at + RegistersRip, out ulong rip) || !_memory.TryRead(at + RegistersCs, out ulong cs))
            return new FrameLink(FrameKind.Unreadable, at);
        return cs is KernelCs or UserCs or User32Cs ? new FrameLink(FrameKind.Exception, at, rip, cs != KernelCs) : new FrameLink(FrameKind.NoFrame, at);
    }
}
