using Emu.X86.State;

namespace Emu.X86.Paging;

/// <content>
/// Address spaces of long mode. Every kernel maps itself in the same place everywhere: when the top tables of two spaces agree in all entries of the upper
/// half that were walked, accessed bits included, its translations hold in both and stay.
/// </content>
public sealed unsafe partial class Mmu
{
    private const int UserHalf = 0;
    private const int KernelHalf = 1;

    /// <summary>Entries of the upper half of the top table that translations came through, one bit each.</summary>
    private readonly ulong[] _kernelSlots = new ulong[4];

    /// <summary>Supervisor code was fetched from the lower half.</summary>
    private bool _kernelRunsLow;

    /// <summary>The present top table is in this frame.</summary>
    private bool IsTopFrame(uint frame) => _memory.TryOffset(_cpu->State.Cr3 & AddressMask, out ulong offset) && (uint)(offset >> 12) == frame;

    /// <summary>The half of the address space an address lies in.</summary>
    private static int HalfOf(ulong linear) => (int)(linear >> 63);

    /// <summary>CR3 changed: drops what may differ from now on. The TLB always tells what the tables say, so that loading the same CR3 again drops nothing.</summary>
    internal void SwitchSpace(ulong oldCr3, ulong newCr3)
    {
        ulong from = oldCr3 & AddressMask, to = newCr3 & AddressMask;
        bool paging = (_cpu->State.Cr0 & ControlBits.Cr0Pg) != 0 && (_cpu->State.Efer & ControlBits.EferLma) != 0;
        if (paging && from == to)
            return;
        if (!paging || !_memory.TryOffset(from, out ulong old) || !_memory.TryOffset(to, out ulong now) || !HaveSameKernel(old, now))
        {
            FlushAll();
            return;
        }

        Drop(UserHalf, everything: false);
        NoteTable(to, 0, TopLevel, execute: false);
        _processor.SelectSpace(to);
        if (_kernelRunsLow)
            _processor.NewCodeContext();
    }

    private bool HaveSameKernel(ulong old, ulong now)
    {
        ulong* left = (ulong*)(_memory.Base + old) + 256;
        ulong* right = (ulong*)(_memory.Base + now) + 256;
        for (int word = 0; word < _kernelSlots.Length; word++)
        {
            for (ulong bits = _kernelSlots[word]; bits != 0; bits &= bits - 1)
            {
                int slot = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(bits);
                if (left[slot] != right[slot])
                    return false;
            }
        }

        return true;
    }

    /// <summary>A walk went through an entry of the top table.</summary>
    private void NoteTopEntry(ulong linear)
    {
        if (HalfOf(linear) == UserHalf)
            return;
        int slot = (int)(linear >> 39) & 0xFF;
        _kernelSlots[slot >> 6] |= 1UL << (slot & 63);
    }

    private void NoteCode(int view, ulong linear) => _kernelRunsLow |= view != TlbView.User && HalfOf(linear) == UserHalf;

    /// <summary>Remembered branch targets in one half no longer hold.</summary>
    private void NewCodeContext(int half)
    {
        if (half == KernelHalf || _kernelRunsLow)
            _processor.NewCodeContext();
        else
            _processor.NewUserContext();
    }

    private void ForgetSpaces()
    {
        Array.Clear(_kernelSlots);
        _kernelRunsLow = false;
    }
}
