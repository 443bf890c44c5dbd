using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.Semantics.Supervisor;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <content>
/// SYSCALL and SYSRET between a kernel under SMAP and 64-bit user code, with nothing unusual in the flags: everything that could be otherwise is checked, and
/// the target found, before anything changes. What <see cref="SystemCalls"/> does is the definition.
/// </content>
internal sealed unsafe partial class BlockTranslator
{
    private const int ContextShift = 2;
    private const int KernelMode = 2;
    private const int UserMode = 6;
    private const int Requested = 3;

    /// <summary>A selector without its privilege level.</summary>
    private const ulong SelectorBits = 0xFFFC;

    private const ulong AllButStatus = ~(Rflags.Status | Rflags.Fixed);

    /// <summary>What SYSRET takes from R11.</summary>
    private const ulong ReturnedFlags = SystemCalls.ReturnFlags & ~Rflags.Fixed;

    private static readonly Encoding StoreByteConstant = new(0, 0, 0xC6, false);
    private static readonly Encoding StoreWordConstant = new(0x66, 0, 0xC7, false);
    private static readonly Encoding StoreConstant = new(0, 0, 0xC7, false);

    private bool EmitSystemCall(Op* op)
    {
        if (ViewIndex != TlbView.User || op->Remaining != 1 || _cpu->Processor.Observer is not null)
            return false;
        EmitCheckSystemCalls();
        EmitLeaveUnlessSet(ControlBits.Cr4Smap);
        EmitLeaveIfFlags(Frame(_at.Rflags), Rflags.Ac);
        _emitter.Load(HostRegister.R10, Frame(_at.Lstar));
        EmitFindLevel(_at.KernelContext, KernelMode, TlbView.SupervisorSmap);

        EmitGatherFlags(AllButStatus);
        _emitter.Store(Slot((int)GeneralRegister.R11), HostRegister.R11);
        _emitter.Load(HostRegister.GuestRcx, Frame(_at.Page));
        _emitter.Lea(HostRegister.GuestRcx, new Memory(HostRegister.GuestRcx, _start + op->Offset + op->Length));
        _emitter.RotateRight(HostRegister.Rcx, HostRegister.Budget, TranslatorEngine.TickShift);
        EmitBytes([0x48, 0xF7, 0xD1]); // not rcx
        _emitter.Load(HostRegister.R10, Frame(_at.EndTick));
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, HostRegister.Rcx, 0, 1));
        _emitter.Store(Frame(_at.LastUserOrIdleTick), HostRegister.R10);
        EmitSelector(32, 0);
        EmitFlat((int)SegmentIndex.Cs, SystemCalls.Code64);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, 8));
        EmitFlat((int)SegmentIndex.Ss, SystemCalls.Data);
        _emitter.Load(HostRegister.Rcx, Frame(_at.Sfmask));
        EmitBytes([0x48, 0xF7, 0xD1]); // not rcx
        EmitBytes([0x4C, 0x21, 0xD9]); // and rcx, r11
        EmitBytes([0x48, 0x83, 0xC9, 0x02]); // or rcx, 2
        _emitter.Move(HostRegister.R10, HostRegister.Rcx);
        EmitArriveAtLevel(0);
        return true;
    }

    private bool EmitSystemReturn(Op* op)
    {
        if (ViewIndex != TlbView.SupervisorSmap || op->Remaining != 1 || _cpu->Processor.Observer is not null)
            return false;
        EmitCheckSystemCalls();
        EmitLeaveIfFlags(Slot((int)GeneralRegister.R11), Rflags.Tf | Rflags.Ac);
        EmitLeaveUnlessCanonical(HostRegister.GuestRcx);
        _emitter.Move(HostRegister.R10, HostRegister.GuestRcx);
        EmitFindLevel(_at.UserContext, UserMode, TlbView.User);

        EmitSelector(48, 16);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, Requested));
        EmitFlat((int)SegmentIndex.Cs, SystemCalls.Code64 | SystemCalls.User);
        EmitSelector(48, 8);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, Requested));
        EmitFlat((int)SegmentIndex.Ss, SystemCalls.Data | SystemCalls.User);
        _emitter.Load(HostRegister.R10, Slot((int)GeneralRegister.R11));
        _emitter.Extract(HostRegister.R10, HostRegister.R10, _masks[ReturnedFlags]);
        _emitter.Deposit(HostRegister.R10, HostRegister.R10, _masks[ReturnedFlags]);
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, (int)Rflags.Fixed));
        EmitArriveAtLevel(3);
        return true;
    }

    /// <summary>EFER.SCE is set, and no interrupt waits for IF.</summary>
    private void EmitCheckSystemCalls()
    {
        _delta = NoWindow;
        _emitter.Load(HostRegister.Rcx, Frame(_at.Efer));
        _emitter.Extract(HostRegister.Rcx, HostRegister.Rcx, _masks[ControlBits.EferSce]);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, -1));
        EmitLeaveUnlessZero();
        _emitter.Op(LoadByte, HostRegister.Rcx, Frame(_at.InterruptPending));
        EmitLeaveUnlessZero();
    }

    private void EmitLeaveIfFlags(Memory flags, ulong mask)
    {
        _emitter.Load(HostRegister.Rcx, flags);
        _emitter.Extract(HostRegister.Rcx, HostRegister.Rcx, _masks[mask]);
        EmitLeaveUnlessZero();
    }

    /// <summary>Finds the RIP in R10 in the jump table for another privilege level, or leaves; then only what cannot fail follows, and contexts and view are the new ones.</summary>
    private void EmitFindLevel(int context, int mode, int view)
    {
        EmitHash();
        byte* known = _emitter.JumpIfZero();
        byte* leave = _emitter.Next;
        EmitSite(SiteKind.Interpret, _resume);
        _emitter.Here(known);
        _emitter.Load(HostRegister.Rcx, new Memory(HostRegister.R11, 8));
        _emitter.Load(HostRegister.R10, Frame(context));
        _emitter.LeaScaled(HostRegister.R10, HostRegister.R10, ContextShift, (mode << ContextShift) | view);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, HostRegister.R10, 0, 0));
        byte* same = _emitter.JumpIfZero();
        _emitter.ShortJump(leave);
        _emitter.Here(same);
        _emitter.Store(Frame(_at.Context), HostRegister.R10);
        _emitter.Store(Frame(_at.Target), HostRegister.R11);
        _emitter.Load(HostRegister.R10, Frame(context));
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, mode));
        _emitter.Store(Frame(_at.CpuContext), HostRegister.R10);
        _emitter.Lea(HostRegister.R10, Frame((int)((byte*)TlbView.Of(_cpu->TlbViews, view) - (byte*)_cpu) + ToCpu));
        _emitter.Store(Frame(_at.Tlb), HostRegister.R10);
    }

    /// <summary>RCX = 16 bits of IA32_STAR plus a distance, the requested privilege level cut off.</summary>
    private void EmitSelector(int shift, int distance)
    {
        _emitter.Load(HostRegister.Rcx, Frame(_at.Star));
        _emitter.RotateRight(HostRegister.Rcx, HostRegister.Rcx, shift);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, distance));
        _emitter.Extract(HostRegister.Rcx, HostRegister.Rcx, _masks[SelectorBits]);
        _emitter.Deposit(HostRegister.Rcx, HostRegister.Rcx, _masks[SelectorBits]);
    }

    /// <summary>A flat segment with the selector in RCX.</summary>
    private void EmitFlat(int segment, SegmentAttributes attributes)
    {
        SegmentRegister* first = (SegmentRegister*)&_cpu->State.Segments;
        _emitter.Op(Encoding.Wide1(0xC7), 0, BaseOf(segment));
        _emitter.Dword(0);
        _emitter.Op(StoreConstant, 0, SegmentField(segment, &first->Limit));
        _emitter.Dword(-1);
        _emitter.Op(StoreWord, HostRegister.Rcx, SelectorOf(segment));
        _emitter.Op(StoreWordConstant, 0, SegmentField(segment, &first->Attributes));
        _emitter.Word((ushort)attributes);
    }

    /// <summary>RFLAGS from R10, the level, and on to the entry that was found.</summary>
    private void EmitArriveAtLevel(int level)
    {
        _emitter.Store(Frame(_at.Rflags), HostRegister.R10);
        _emitter.Op(StoreByteConstant, 0, Frame(_at.Cpl));
        _emitter.Byte(level);
        EmitSetFlags();
        _emitter.Load(HostRegister.R11, Frame(_at.Target));
        EmitEnterFound();
    }
}
