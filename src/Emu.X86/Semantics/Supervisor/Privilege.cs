using System.Runtime.CompilerServices;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>Who may do what, and the cheap ways to change it.</summary>
internal static unsafe class Privilege
{
    /// <summary>CPL 0; virtual-8086 mode runs at 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsKernel(Cpu* cpu) => cpu->State.Cpl == 0;

    /// <summary>CPL at most IOPL: may touch IF. Real mode runs at 0, virtual-8086 mode at 3 (SDM 3B 20.2.7).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayTouchInterruptFlag(Cpu* cpu) => cpu->State.Cpl <= IoplOf(cpu);

    /// <summary>IOPL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int IoplOf(Cpu* cpu) => (int)(cpu->State.Rflags >> 12) & 3;

    /// <summary>Raises #GP(0).</summary>
    internal static Op* Protect(Cpu* cpu, Op* op) => Leave.Fault(cpu, op, Vector.Gp);

    /// <summary>Raises #UD.</summary>
    internal static Op* Undefined(Cpu* cpu, Op* op) => Leave.Fault(cpu, op, Vector.Ud);

    /// <summary>Changes the privilege level without leaving 64-bit mode: what <c>ModeChanged</c> would do, but cheap.</summary>
    internal static void SwitchLevel64(Cpu* cpu, Op* op, int cpl)
    {
        if (cpu->State.Cpl == 3 && cpl < 3)
            cpu->State.LastUserOrIdleTick = cpu->TickAt(op) + 1;
        cpu->State.Cpl = (byte)cpl;
        cpu->Context = cpl == 3 ? cpu->UserContext | 6 : cpu->KernelContext | 2;
        SelectView(cpu);
    }

    /// <summary>Selects the TLB view after CPL or AC changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SelectView(Cpu* cpu)
    {
        if ((cpu->State.Dr7 & 0xFF) != 0 || (cpu->State.Rflags & Rflags.Ac) != 0 || cpu->State.Cpl is 1 or 2)
        {
            cpu->Processor.Mmu.UpdateView();
            return;
        }

        int view = cpu->State.Cpl == 3 ? TlbView.User : (cpu->State.Cr4 & ControlBits.Cr4Smap) != 0 ? TlbView.SupervisorSmap : TlbView.Supervisor;
        cpu->Tlb = TlbView.Of(cpu->TlbViews, view);
    }

    /// <summary>Ends a control transfer whose target is known: stays in the chain of blocks unless something must be looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Op* GoTo(Cpu* cpu, Op* op, ulong rip)
    {
        const ulong stepping = Rflags.Tf | Rflags.Rf;
        if ((cpu->State.Rflags & stepping) != 0 || op->Remaining != 1 || (cpu->InterruptPending && (cpu->State.Rflags & Rflags.If) != 0))
            return Leave.Jump(cpu, op, rip);
        return Leave.Lookup(cpu, rip);
    }
}
