using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>
/// Who called whom in a running kernel, by frame pointers (CONFIG_UNWINDER_FRAME_POINTER), through the frames of exceptions and interrupts too. A function that has
/// not made its frame yet, or has taken it down, is told by the instruction at RIP.
/// </summary>
/// <param name="memory">Guest memory.</param>
/// <param name="symbols">The kernel's.</param>
internal sealed class KernelStack(KernelMemory memory, SymbolTable symbols)
{
    private const int Most = 128;
    private const int RegistersRbp = 4 * 8; // struct pt_regs (arch/x86/include/asm/ptrace.h)
    private const int RegistersRip = 16 * 8;
    private const int RegistersCs = 17 * 8;
    private const byte PushRbp = 0x55;
    private const byte Ret = 0xC3;
    private const uint MoveRbpRsp = 0xE5_8948;

    private readonly KernelMemory _memory = memory;
    private readonly ulong _start = symbols.AddressOf("_stext");
    private readonly ulong _end = symbols.AddressOf("_etext");

    /// <summary>Addresses, the innermost first.</summary>
    /// <param name="rip">Where the kernel is.</param>
    /// <param name="rsp">Its stack pointer.</param>
    /// <param name="rbp">Its frame pointer.</param>
    public IReadOnlyList<ulong> From(ulong rip, ulong rsp, ulong rbp)
    {
        List<ulong> found = [rip];
        if (FrameSlot(rip, rsp) is { } slot && _memory.TryRead(slot, out ulong first) && IsText(first))
            found.Add(first);
        ulong frame = rbp;
        while (found.Count < Most && frame != 0)
        {
            if ((frame & 1) != 0)
            {
                ulong registers = frame & ~1UL; // ENCODE_FRAME_POINTER: an exception or interrupt, or a system call
                if (!_memory.TryRead(registers + RegistersCs, out ulong cs) || (cs & 3) != 0 || !_memory.TryRead(registers + RegistersRip, out ulong interrupted))
                    break;
                found.Add(interrupted);
                if (!_memory.TryRead(registers + RegistersRbp, out frame))
                    break;
                continue;
            }

            if (!_memory.TryRead(frame, out ulong next) || !_memory.TryRead(frame + 8, out ulong caller) || !IsText(caller))
                break;
            found.Add(caller);
            if ((next & 1) == 0 && next <= frame && next != 0)
                break; // not upwards: no chain
            frame = next;
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

    private bool IsText(ulong address) => address >= _start && address < _end;
}
