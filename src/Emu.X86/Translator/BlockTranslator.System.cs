using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <content>
/// What kernels do all the time: flags to and from the stack, interrupts on and off, user memory opened and closed, control registers read. Code made for
/// a supervisor's view runs at CPL 0, so privilege needs no check. Nothing steps and no breakpoint register is armed while generated code runs.
/// </content>
internal sealed unsafe partial class BlockTranslator
{
    private const int OverflowBit = 11;

    /// <summary>What PUSHFQ takes from <c>CpuState.Rflags</c>: all it shows but the status flags and bit 1, which LAHF gives.</summary>
    private const ulong PushedFlags = Semantics.Supervisor.FlagOps.Visible & ~(Rflags.Status | Rflags.Fixed);

    /// <summary>What POPFQ must leave as it is to be done in generated code.</summary>
    private const ulong KeptFlags = ~(Rflags.Status | Rflags.If | Rflags.Df);

    private static readonly Encoding LoadByte = new(0, 1, 0xB6, false);
    private static readonly Encoding Load32 = new(0, 0, 0x8B, false);

    private TlbEntry* View => (TlbEntry*)((byte*)_cpu + _view - ToCpu);

    private int ViewIndex => TlbView.IndexOf(_cpu->TlbViews, View);

    private void SetView(TlbEntry* view) => _view = (int)((byte*)view - (byte*)_cpu) + ToCpu;

    private bool EmitSystem(Recipe recipe, Op* op)
    {
        switch (recipe.Treatment)
        {
            case Treatment.PushFlags:
                return EmitPushFlags();
            case Treatment.ClearDirection:
                EmitClearFlag(~Rflags.Df);
                return true;
        }

        if (ViewIndex == TlbView.User)
            return false;
        switch (recipe.Treatment)
        {
            case Treatment.PopFlags:
                return EmitPopFlags();
            case Treatment.ClearInterrupts:
                EmitClearFlag(~Rflags.If);
                return true;
            case Treatment.SetInterrupts:
                return EmitSetInterrupts(op);
            case Treatment.ClearAc:
                return EmitClearAc();
            case Treatment.SetAc:
                return EmitSetAc();
            case Treatment.SwapGs:
                EmitSwapGs();
                return true;
            case Treatment.ReadControl:
                return EmitReadControl(op);
            default:
                return recipe.Treatment == Treatment.Privileged;
        }
    }

    private bool EmitPushFlags()
    {
        Settle();
        _emitter.Lea(HostRegister.R10, EmitReserveSlot());
        EmitGatherFlags(PushedFlags);
        _emitter.Store(new Memory(HostRegister.R10, 0), HostRegister.R11);
        EmitMoveStack(-SlotBytes);
        return true;
    }

    /// <summary>R11 = the status flags, bit 1, and of the others what a mask has.</summary>
    private void EmitGatherFlags(ulong mask)
    {
        _delta = NoWindow;
        _emitter.Move(HostRegister.Rcx, HostRegister.Rax);
        EmitBytes([0x9F]); // lahf
        EmitBytes([0x0F, 0x90, 0xC0]); // seto al
        _emitter.Store(Frame(_at.Flags), HostRegister.Rax);
        _emitter.Op(LoadByte, HostRegister.R11, Frame(_at.Flags + 1)); // SF ZF AF PF CF, and bit 1
        _emitter.Op(LoadByte, HostRegister.Rax, Frame(_at.Flags));
        _emitter.RotateRight(HostRegister.Rax, HostRegister.Rax, 64 - OverflowBit);
        _emitter.Lea(HostRegister.R11, new Memory(HostRegister.R11, HostRegister.Rax, 0, 0));
        _emitter.Load(HostRegister.Rax, Frame(_at.Rflags));
        _emitter.Extract(HostRegister.Rax, HostRegister.Rax, _masks[mask]);
        _emitter.Deposit(HostRegister.Rax, HostRegister.Rax, _masks[mask]);
        _emitter.Lea(HostRegister.R11, new Memory(HostRegister.R11, HostRegister.Rax, 0, 0));
        _emitter.Move(HostRegister.Rax, HostRegister.Rcx);
    }

    /// <summary>The status flags from R10. Uses RCX.</summary>
    private void EmitSetFlags()
    {
        _emitter.Move(HostRegister.Rcx, HostRegister.Rax);
        EmitBytes([0x44, 0x89, 0xD0]); // mov eax, r10d
        EmitBytes([0xC1, 0xE0, 0x08]); // shl eax, 8: SF to CF in AH
        EmitBytes([0x41, 0xC1, 0xEA, 0x0B]); // shr r10d, 11
        EmitBytes([0x41, 0x83, 0xE2, 0x01]); // and r10d, 1
        EmitBytes([0x44, 0x09, 0xD0]); // or eax, r10d: OF in AL
        EmitBytes([0x04, 0x7F]); // add al, 127: OF
        EmitBytes([0x9E]); // sahf
        _emitter.Move(HostRegister.Rax, HostRegister.Rcx);
        _debt = FlagDebt.None;
    }

    /// <summary>POPFQ that changes status flags, IF and DF only, while no interrupt waits for IF.</summary>
    private bool EmitPopFlags()
    {
        _emitter.Load(HostRegister.R10, EmitTop());
        _delta = NoWindow;
        _emitter.Extract(HostRegister.R11, HostRegister.R10, _masks[KeptFlags]);
        _emitter.Load(HostRegister.Rcx, Frame(_at.Rflags));
        _emitter.Extract(HostRegister.Rcx, HostRegister.Rcx, _masks[KeptFlags]);
        EmitBytes([0x48, 0xF7, 0xD1]); // not rcx
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, HostRegister.R11, 0, 1));
        EmitLeaveUnlessZero();
        _emitter.Op(LoadByte, HostRegister.Rcx, Frame(_at.InterruptPending));
        EmitLeaveUnlessZero();
        _emitter.Store(Frame(_at.Rflags), HostRegister.R10);
        EmitSetFlags();
        EmitMoveStack(SlotBytes);
        return true;
    }

    /// <summary>Goes on when RCX is zero; otherwise the interpreter runs the op.</summary>
    private void EmitLeaveUnlessZero()
    {
        byte* zero = _emitter.JumpIfZero();
        EmitSite(SiteKind.Interpret, _resume);
        _emitter.Here(zero);
    }

    /// <summary>Goes on when a bit of CR4 is set; otherwise the interpreter runs the op.</summary>
    private void EmitLeaveUnlessSet(ulong bit)
    {
        EmitControlBit(bit);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, -1));
        EmitLeaveUnlessZero();
    }

    private void EmitControlBit(ulong bit)
    {
        _emitter.Load(HostRegister.Rcx, Frame(_at.Cr4));
        _emitter.Extract(HostRegister.Rcx, HostRegister.Rcx, _masks[bit]);
    }

    /// <summary>Clears a bit of RFLAGS that is not in the host's: PEXT and PDEP with the same mask.</summary>
    private void EmitClearFlag(ulong mask)
    {
        EmitLoadMasked(mask);
        _emitter.Store(Frame(_at.Rflags), HostRegister.Rcx);
    }

    private void EmitLoadMasked(ulong mask)
    {
        _emitter.Load(HostRegister.Rcx, Frame(_at.Rflags));
        _emitter.Extract(HostRegister.Rcx, HostRegister.Rcx, _masks[mask]);
        _emitter.Deposit(HostRegister.Rcx, HostRegister.Rcx, _masks[mask]);
    }

    /// <summary>STI while no interrupt waits: the shadow ends with the next instruction, which is in this block, so that it need not be noted.</summary>
    private bool EmitSetInterrupts(Op* op)
    {
        if (op->Remaining == 1)
            return false;
        _emitter.Op(LoadByte, HostRegister.Rcx, Frame(_at.InterruptPending));
        EmitLeaveUnlessZero();
        EmitLoadMasked(~Rflags.If);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, (int)Rflags.If));
        _emitter.Store(Frame(_at.Rflags), HostRegister.Rcx);
        return true;
    }

    /// <summary>CLAC: nothing under SMAP with AC clear; with AC set the view of SMAP again. Without SMAP the views are the same, which is left to the interpreter.</summary>
    private bool EmitClearAc()
    {
        if (ViewIndex == TlbView.SupervisorSmap)
            return true;
        EmitLeaveUnlessSet(ControlBits.Cr4Smap);
        EmitSelectView(TlbView.SupervisorSmap, -(int)Rflags.Ac);
        return true;
    }

    /// <summary>STAC under SMAP with AC clear: the view changes. Otherwise AC alone would, or nothing: left to the interpreter.</summary>
    private bool EmitSetAc()
    {
        if (ViewIndex != TlbView.SupervisorSmap)
            return false;
        EmitSelectView(TlbView.Supervisor, (int)Rflags.Ac);
        return true;
    }

    /// <summary>Changes AC, which is known, by a number; what follows in the block is made for another view.</summary>
    private void EmitSelectView(int view, int change)
    {
        int difference = view - ViewIndex;
        SetView(TlbView.Of(_cpu->TlbViews, view));
        _delta = NoWindow;
        _emitter.Load(HostRegister.Rcx, Frame(_at.Rflags));
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, change));
        _emitter.Store(Frame(_at.Rflags), HostRegister.Rcx);
        _emitter.Lea(HostRegister.Rcx, Frame(_view));
        _emitter.Store(Frame(_at.Tlb), HostRegister.Rcx);
        _emitter.Load(HostRegister.Rcx, Frame(_at.Context));
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, difference));
        _emitter.Store(Frame(_at.Context), HostRegister.Rcx);
    }

    private bool EmitReadControl(Op* op)
    {
        int register = op->Src switch { 0 => _at.Cr0, 2 => _at.Cr2, 3 => _at.Cr3, 4 => _at.Cr4, _ => -1 };
        if (register < 0)
            return false;
        int guest = GuestOf(op->Dst);
        int home = HostRegister.HomeOf(guest);
        int target = home == HostRegister.Spilled ? HostRegister.R10 : home;
        _emitter.Load(target, Frame(register));
        if (home == HostRegister.Spilled)
            _emitter.Store(Slot(guest), target);
        return true;
    }

    /// <summary>RDTSC: ticks left to the end of the budget, counted back from what the counter shows then. NOT leaves the flags alone, unlike NEG.</summary>
    private bool EmitReadTime(Op* op)
    {
        if (ViewIndex == TlbView.User)
        {
            EmitControlBit(ControlBits.Cr4Tsd);
            EmitLeaveUnlessZero();
        }

        _emitter.RotateRight(HostRegister.Rcx, HostRegister.Budget, TranslatorEngine.TickShift); // its low bits are 0
        EmitBytes([0x48, 0xF7, 0xD1]); // not rcx
        _emitter.Load(HostRegister.R10, Frame(_at.TickBase));
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, HostRegister.Rcx, 0, 1 - op->Remaining));
        _emitter.Op(Load32, HostRegister.Rax, HostRegister.R10);
        _emitter.RotateRight(HostRegister.Rdx, HostRegister.R10, 32);
        _emitter.Op(Load32, HostRegister.Rdx, HostRegister.Rdx);
        return true;
    }
}
