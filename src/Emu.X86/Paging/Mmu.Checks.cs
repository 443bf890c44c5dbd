using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Paging;

/// <content>What can be wrong with an address before it is translated: canonical form, alignment, debug registers.</content>
public sealed unsafe partial class Mmu
{
    /// <summary>Some of DR0-DR3 is enabled for data or I/O (SDM 3B 17.2).</summary>
    private bool DataBreakpointsArmed
    {
        get
        {
            ulong dr7 = _cpu->State.Dr7;
            if ((dr7 & 0xFF) == 0)
                return false;
            for (int i = 0; i < 4; i++)
            {
                if (((dr7 >> (2 * i)) & 3) != 0 && ((dr7 >> (16 + (4 * i))) & 3) is 1 or 3)
                    return true;
            }

            return false;
        }
    }

    /// <summary>An address that 48 bits, sign-extended, can express.</summary>
    public static bool IsCanonical(ulong linear) => (ulong)((long)(linear << 16) >> 16) == linear;

    private bool CheckAddress(Op* op, ulong linear, int size, Access access)
    {
        bool longMode = (_cpu->State.Efer & ControlBits.EferLma) != 0;
        if (longMode && (!IsCanonical(linear) || !IsCanonical(linear + (ulong)size - 1)))
        {
            _cpu->Fault = new Fault((op->Access & Access.Stack) != 0 ? Vector.Ss : Vector.Gp);
            return false;
        }

        bool misaligned = size is not 0 && (size & (size - 1)) == 0 && (linear & (ulong)(size - 1)) != 0;
        if (misaligned && (access & Access.Aligned) != 0)
        {
            _cpu->Fault = new Fault(Vector.Gp);
            return false;
        }

        bool alignmentCheck = _cpu->State.Cpl == 3 && (_cpu->State.Rflags & Rflags.Ac) != 0 && (_cpu->State.Cr0 & ControlBits.Cr0Am) != 0;
        if (misaligned && alignmentCheck && size <= 8)
        {
            _cpu->Fault = new Fault(Vector.Ac);
            return false;
        }

        NoteDataBreakpoint(linear, size, (access & Access.Write) != 0);
        return true;
    }

    /// <summary>Data breakpoints are traps: they are recorded here and delivered when the instruction has retired (SDM 3B 17.3.1.2).</summary>
    private void NoteDataBreakpoint(ulong linear, int size, bool write)
    {
        if (!DataBreakpointsArmed)
            return;
        ulong dr7 = _cpu->State.Dr7;
        for (int i = 0; i < 4; i++)
        {
            int kind = (int)(dr7 >> (16 + (4 * i))) & 3;
            int length = ((int)(dr7 >> (18 + (4 * i))) & 3) switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };
            bool enabled = ((dr7 >> (2 * i)) & 3) != 0 && (kind == 3 || (kind == 1 && write));
            ulong start = _cpu->State.Dr[i] & ~(ulong)(length - 1);
            if (enabled && linear < start + (ulong)length && start < linear + (ulong)size)
                _cpu->State.PendingDebug |= 1u << i;
        }
    }
}
