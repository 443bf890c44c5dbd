using Emu.X86.Exceptions;
using Emu.X86.Paging;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>The checks that far returns and IRET share (SDM 3A 5.8; 2A, IRET; 2B, RET). False: the fault is recorded.</summary>
internal static unsafe class FarTransfer
{
    /// <summary>The descriptor that a far JMP or CALL names.</summary>
    internal static bool TryReadTarget(Cpu* cpu, ushort selector, out Descriptor descriptor, out ulong address)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        descriptor = default;
        address = 0;
        return SegmentUnit.IsNull(selector) ? segments.Fail(Vector.Gp) : segments.TryRead(selector, Vector.Gp, 0, out descriptor, out address);
    }

    /// <summary>A direct transfer stays at its level (SDM 3A 5.8.1).</summary>
    internal static bool TryCheckDirect(Cpu* cpu, ushort selector, Descriptor code)
    {
        int cpl = cpu->State.Cpl;
        bool allowed = code.IsCode && (code.IsConforming ? code.Dpl <= cpl : (selector & 3) <= cpl && code.Dpl == cpl);
        return allowed || cpu->Processor.Segments.Fail(Vector.Gp, SegmentUnit.ErrorOf(selector));
    }

    /// <summary>Last checks of a code segment about to be entered: L and D, presence, limit. Marks it accessed.</summary>
    internal static bool TryLandInCode(Cpu* cpu, ushort selector, ref Descriptor code, ulong address, ulong rip)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        if (longMode && code.IsLongAndBig)
            return segments.Fail(Vector.Gp, SegmentUnit.ErrorOf(selector));
        if (!code.IsPresent)
            return segments.Fail(Vector.Np, SegmentUnit.ErrorOf(selector));
        if (!IsValidTarget(longMode, code, rip))
            return segments.Fail(Vector.Gp);
        return segments.TrySetAccessed(ref code, address);
    }

    /// <summary>A TSS or a task gate; there are none in IA-32e mode.</summary>
    internal static bool IsTask(Cpu* cpu, Descriptor descriptor)
        => (cpu->State.Efer & ControlBits.EferLma) == 0 && descriptor.Type is 1 or 3 or 5 or 9 or 0xB;

    /// <summary>Checks and takes apart a call gate; 16 bytes in IA-32e mode (SDM 3A 5.8.3.1).</summary>
    internal static bool TryReadCallGate(Cpu* cpu, ushort selector, Descriptor descriptor, ulong address, out CallGate gate)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        bool wide = descriptor.Type == 0xC;
        uint error = SegmentUnit.ErrorOf(selector);
        gate = default;
        if (!wide && (longMode || descriptor.Type != 4))
            return segments.Fail(Vector.Gp, error);
        if (descriptor.Dpl < cpu->State.Cpl || descriptor.Dpl < (selector & 3))
            return segments.Fail(Vector.Gp, error);
        ulong offset = wide ? descriptor.GateOffset : descriptor.GateOffset & 0xFFFF;
        if (longMode)
        {
            if (!cpu->Processor.Mmu.TryReadSystem(address + 8, out ulong high))
                return false;
            if (((high >> 40) & 0x1F) != 0)
                return segments.Fail(Vector.Gp, error);
            offset |= high << 32;
        }

        if (!descriptor.IsPresent)
            return segments.Fail(Vector.Np, error);
        int parameters = longMode ? 0 : (int)(descriptor.Raw >> 32) & 0x1F;
        gate = new CallGate(descriptor.GateSelector, offset, longMode ? 8 : wide ? 4 : 2, parameters);
        return true;
    }

    /// <summary>The code segment behind a call gate.</summary>
    internal static bool TryReadGateCode(Cpu* cpu, in CallGate gate, out Descriptor code, out ulong address)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        if (!TryReadTarget(cpu, gate.Selector, out code, out address))
            return false;
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        bool wrong = !code.IsCode || code.Dpl > cpu->State.Cpl || (longMode && !code.IsLong);
        return !wrong || segments.Fail(Vector.Gp, SegmentUnit.ErrorOf(gate.Selector));
    }

    /// <summary>CS in real and virtual-8086 mode.</summary>
    internal static void SetRealCode(Cpu* cpu, ushort selector)
    {
        ref SegmentRegister cs = ref cpu->State.Segments[(int)SegmentIndex.Cs];
        cs.Selector = selector;
        cs.Base = (ulong)selector << 4;
        cpu->Processor.ModeChanged();
    }

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
