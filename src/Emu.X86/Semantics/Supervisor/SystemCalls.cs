using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS: flat segments without a look at the descriptor tables. SDM 2B; 3A 5.8.7, 5.8.8.</summary>
internal static unsafe class SystemCalls
{
    internal const SegmentAttributes Code64 = (SegmentAttributes)0xA09B;
    private const SegmentAttributes Code32 = (SegmentAttributes)0xC09B;
    internal const SegmentAttributes Data = (SegmentAttributes)0xC093;
    internal const SegmentAttributes User = SegmentAttributes.DplMask;
    internal const ulong ReturnFlags = 0x3C_7FD7;

    internal static void Add(RowBuilder rows)
    {
        rows.Add("Syscall", &Syscall, traits: RowTraits.EndsBlock);
        rows.Add("Sysretq", &Sysretq, traits: RowTraits.EndsBlock);
        rows.Add("Sysretd", &Sysretd, traits: RowTraits.EndsBlock);
        rows.Add("Sysenter", &Sysenter, traits: RowTraits.EndsBlock);
        rows.Add("Sysexitd", &Sysexitd, traits: RowTraits.EndsBlock);
        rows.Add("Sysexitq", &Sysexitq, traits: RowTraits.EndsBlock);
        rows.Add("Swapgs", &Swapgs);
    }

    private static Op* Syscall(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Efer & ControlBits.EferSce) == 0 || !cpu->Is64Bit)
            return Privilege.Undefined(cpu, op);
        ulong flags = cpu->RflagsValue & ~Rflags.Rf;
        *cpu->Gpr(GeneralRegister.Rcx) = cpu->RipAfter(op);
        *cpu->Gpr(GeneralRegister.R11) = flags;
        flags = (flags & ~cpu->State.Sfmask) | Rflags.Fixed;
        if ((flags & Rflags.Tf) == 0)
            cpu->Processor.Exceptions.SuppressTrap();
        cpu->State.Rflags = flags;
        cpu->SetStatus(flags);
        ushort selector = (ushort)((cpu->State.Star >> 32) & 0xFFFC);
        SetFlat(cpu, SegmentIndex.Cs, selector, Code64);
        SetFlat(cpu, SegmentIndex.Ss, (ushort)(selector + 8), Data);
        Privilege.SwitchLevel64(cpu, op, 0);
        cpu->Processor.OnPassed(PassageKind.SystemCall, op, cpu->State.Lstar);
        return Privilege.GoTo(cpu, op, cpu->State.Lstar);
    }

    private static Op* Sysretq(Cpu* cpu, Op* op)
    {
        ulong rip = *cpu->Gpr(GeneralRegister.Rcx);
        if ((cpu->State.Efer & ControlBits.EferSce) == 0 || !cpu->Is64Bit)
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu) || !Mmu.IsCanonical(rip))
            return Privilege.Protect(cpu, op);
        ushort selector = (ushort)(cpu->State.Star >> 48);
        SetFlat(cpu, SegmentIndex.Cs, (ushort)((selector + 16) | 3), Code64 | User);
        SetFlat(cpu, SegmentIndex.Ss, (ushort)((selector + 8) | 3), Data | User);
        SetReturnFlags(cpu);
        Privilege.SwitchLevel64(cpu, op, 3);
        cpu->Processor.OnPassed(PassageKind.SystemReturn, op, rip);
        return Privilege.GoTo(cpu, op, rip);
    }

    private static Op* Sysretd(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Efer & ControlBits.EferSce) == 0 || !cpu->Is64Bit)
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        ushort selector = (ushort)(cpu->State.Star >> 48);
        SetFlat(cpu, SegmentIndex.Cs, (ushort)(selector | 3), Code32 | User);
        SetFlat(cpu, SegmentIndex.Ss, (ushort)((selector + 8) | 3), Data | User);
        SetReturnFlags(cpu);
        cpu->State.Cpl = 3;
        cpu->Processor.ModeChanged();
        cpu->Processor.OnPassed(PassageKind.SystemReturn, op, (uint)*cpu->Gpr(GeneralRegister.Rcx));
        return Leave.Jump(cpu, op, (uint)*cpu->Gpr(GeneralRegister.Rcx));
    }

    private static Op* Sysenter(Cpu* cpu, Op* op)
    {
        ushort selector = (ushort)(cpu->State.SysenterCs & 0xFFFC);
        if ((cpu->State.Cr0 & ControlBits.Cr0Pe) == 0 || selector == 0)
            return Privilege.Protect(cpu, op);
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        cpu->State.Rflags &= ~(Rflags.Vm | Rflags.If | Rflags.Rf);
        *cpu->Gpr(GeneralRegister.Rsp) = longMode ? cpu->State.SysenterEsp : (uint)cpu->State.SysenterEsp;
        SetFlat(cpu, SegmentIndex.Cs, selector, longMode ? Code64 : Code32);
        SetFlat(cpu, SegmentIndex.Ss, (ushort)(selector + 8), Data);
        if (cpu->State.Cpl == 3)
            cpu->State.LastUserOrIdleTick = cpu->TickAt(op) + 1;
        cpu->State.Cpl = 0;
        cpu->Processor.ModeChanged();
        ulong target = longMode ? cpu->State.SysenterEip : (uint)cpu->State.SysenterEip;
        cpu->Processor.OnPassed(PassageKind.SystemCall, op, target);
        return Leave.Jump(cpu, op, target);
    }

    private static Op* Sysexitd(Cpu* cpu, Op* op)
        => Sysexit(cpu, op, 16, Code32, (uint)*cpu->Gpr(GeneralRegister.Rdx), (uint)*cpu->Gpr(GeneralRegister.Rcx));

    private static Op* Sysexitq(Cpu* cpu, Op* op)
        => Sysexit(cpu, op, 32, Code64, *cpu->Gpr(GeneralRegister.Rdx), *cpu->Gpr(GeneralRegister.Rcx));

    private static Op* Sysexit(Cpu* cpu, Op* op, int distance, SegmentAttributes code, ulong rip, ulong rsp)
    {
        ushort selector = (ushort)(cpu->State.SysenterCs & 0xFFFC);
        bool wrong = (cpu->State.Cr0 & ControlBits.Cr0Pe) == 0 || selector == 0 || cpu->State.Cpl != 0;
        if (wrong || !Mmu.IsCanonical(rip) || !Mmu.IsCanonical(rsp))
            return Privilege.Protect(cpu, op);
        SetFlat(cpu, SegmentIndex.Cs, (ushort)((selector + distance) | 3), code | User);
        SetFlat(cpu, SegmentIndex.Ss, (ushort)((selector + distance + 8) | 3), Data | User);
        *cpu->Gpr(GeneralRegister.Rsp) = rsp;
        cpu->State.Cpl = 3;
        cpu->Processor.ModeChanged();
        cpu->Processor.OnPassed(PassageKind.SystemReturn, op, rip);
        return Leave.Jump(cpu, op, rip);
    }

    private static Op* Swapgs(Cpu* cpu, Op* op)
    {
        if (!cpu->Is64Bit)
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        ref SegmentRegister gs = ref cpu->State.Segments[(int)SegmentIndex.Gs];
        ulong user = gs.Base;
        gs.Base = cpu->State.KernelGsBase;
        cpu->State.KernelGsBase = user;
        return op[1].Fn(cpu, op + 1);
    }

    private static void SetReturnFlags(Cpu* cpu)
    {
        ulong flags = (*cpu->Gpr(GeneralRegister.R11) & ReturnFlags) | Rflags.Fixed;
        cpu->State.Rflags = flags;
        cpu->SetStatus(flags);
    }

    private static void SetFlat(Cpu* cpu, SegmentIndex index, ushort selector, SegmentAttributes attributes)
    {
        ref SegmentRegister segment = ref cpu->State.Segments[(int)index];
        segment.Base = 0;
        segment.Limit = 0xFFFF_FFFF;
        segment.Selector = selector;
        segment.Attributes = attributes;
    }
}
