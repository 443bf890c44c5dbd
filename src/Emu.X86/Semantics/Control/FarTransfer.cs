using Emu.X86.Exceptions;
using Emu.X86.Paging;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>The checks that far returns and IRET share (SDM 3A 5.8; 2A, IRET; 2B, RET). False: the fault is recorded.</summary>
internal static unsafe class FarTransfer
{
    /// <summary>The code segment to return to.</summary>
    internal static bool TryReturnCode(Cpu* cpu, ushort selector, ulong rip, out SegmentRegister code)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        code = default;
        if (SegmentUnit.IsNull(selector))
            return segments.Fail(Vector.Gp);
        if (!segments.TryRead(selector, Vector.Gp, 0, out Descriptor descriptor, out ulong address))
            return false;
        int rpl = selector & 3;
        uint error = SegmentUnit.ErrorOf(selector);
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        bool wrong = !descriptor.IsCode || rpl < cpu->State.Cpl
            || (descriptor.IsConforming ? descriptor.Dpl > rpl : descriptor.Dpl != rpl)
            || (longMode && descriptor.IsLongAndBig);
        if (wrong)
            return segments.Fail(Vector.Gp, error);
        if (!descriptor.IsPresent)
            return segments.Fail(Vector.Np, error);
        if (!IsValidTarget(longMode, descriptor, rip))
            return segments.Fail(Vector.Gp);
        if (!segments.TrySetAccessed(ref descriptor, address))
            return false;
        code = descriptor.ToRegister(selector);
        return true;
    }

    /// <summary>The stack segment to return to; null is allowed for 64-bit code below ring 3.</summary>
    internal static bool TryReturnStack(Cpu* cpu, ushort selector, int cpl, bool toLong, out SegmentRegister stack)
    {
        if (toLong && SegmentUnit.IsNull(selector) && cpl != 3 && (selector & 3) == cpl)
        {
            stack = Descriptor.Null(selector);
            return true;
        }

        return cpu->Processor.Segments.TryFormStack(selector, cpl, Vector.Gp, 0, out stack);
    }

    /// <summary>The code segment is 64-bit.</summary>
    internal static bool IsLong(Cpu* cpu, in SegmentRegister code)
        => (code.Attributes & SegmentAttributes.Long) != 0 && (cpu->State.Efer & ControlBits.EferLma) != 0;

    /// <summary>The target lies within the limit, or is canonical in 64-bit code.</summary>
    internal static bool IsValidTarget(bool longMode, Descriptor code, ulong rip)
        => longMode && code.IsLong ? Mmu.IsCanonical(rip) : rip <= code.Limit;

    /// <summary>RSP as the new stack's width has it.</summary>
    internal static void SetStackPointer(Cpu* cpu, ulong pointer, bool toLong)
    {
        bool big = (cpu->State.Segments[(int)SegmentIndex.Ss].Attributes & SegmentAttributes.Big) != 0;
        Supervisor.StackWalk.SetPointer(cpu, pointer, toLong ? ulong.MaxValue : big ? 0xFFFF_FFFF : 0xFFFF);
    }

    /// <summary>Sets CPL with everything that hangs on it and on CS.</summary>
    internal static void SetLevel(Cpu* cpu, Interpreter.Op* op, int cpl)
    {
        if (cpu->State.Cpl == 3 && cpl < 3)
            cpu->State.LastUserOrIdleTick = cpu->TickAt(op) + 1;
        cpu->State.Cpl = (byte)cpl;
        cpu->Processor.ModeChanged();
    }
}
