using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>
/// Who called whom in a running kernel, by its chain of frames. A function that has not linked its frame yet, has taken it down, or has none, is told by its code.
/// </summary>
/// <param name="memory">Guest memory.</param>
/// <param name="symbols">The kernel's.</param>
internal sealed class KernelStack(KernelMemory memory, SymbolTable symbols)
{
    private readonly KernelMemory _memory = memory;
    private readonly FrameChain _frames = new(memory, symbols);
    private readonly UnlinkedFrame _unlinked = new(memory, symbols);

    /// <summary>Addresses, the innermost first.</summary>
    /// <param name="rip">Where the kernel is.</param>
    /// <param name="rsp">Its stack pointer.</param>
    /// <param name="rbp">Its frame pointer.</param>
    public IReadOnlyList<ulong> From(ulong rip, ulong rsp, ulong rbp)
    {
        List<ulong> found = [rip];
        if (_unlinked.CallerSlot(rip, rsp) is { } slot && _memory.TryRead(slot, out ulong first) && _frames.IsText(first))
            found.Add(first);
        foreach (FrameLink link in _frames.From(rbp))
        {
            if (link.IsUser || link.Kind is not (FrameKind.Call or FrameKind.Exception))
                break;
            found.Add(link.Rip);
        }

        return found;
    }
}
