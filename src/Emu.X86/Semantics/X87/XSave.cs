using System.Runtime.CompilerServices;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>XSAVE, XSAVEOPT, XRSTOR, XGETBV, XSETBV in the standard format, with the x87 and SSE components. SDM 1, chapter 13.</summary>
internal static unsafe class XSave
{
    /// <summary>XCR0 bits that may be set.</summary>
    internal const ulong Supported = X87 | Sse;

    private const ulong X87 = 1, Sse = 2;
    private const int HeaderOffset = 512, HeaderSize = 64;
    private const uint MxcsrInitial = 0x1F80;

    /// <summary>XSAVE, and XSAVEOPT with <typeparamref name="TOptimise"/>, which leaves out components in their initial state.</summary>
    internal static Op* Save<TOptimise, TWide>(Cpu* cpu, Op* op)
        where TOptimise : struct, IConstant
        where TWide : struct, IConstant
    {
        if (!CanRun(cpu, op, out Fault fault))
            return Leave.Fault(cpu, op, fault.Vector);
        return TrySave(cpu, op, TOptimise.Value != 0, TWide.Value != 0) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    internal static Op* Restore<TWide>(Cpu* cpu, Op* op)
        where TWide : struct, IConstant
    {
        if (!CanRun(cpu, op, out Fault fault))
            return Leave.Fault(cpu, op, fault.Vector);
        return TryRestore(cpu, op, TWide.Value != 0) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    internal static Op* GetRegister(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Cr4 & ControlBits.Cr4Osxsave) == 0)
            return Leave.Fault(cpu, op, Vector.Ud);
        uint index = (uint)*cpu->Gpr(GeneralRegister.Rcx);
        // Index 1 would be XCR0 AND XINUSE, which CPUID does not announce.
        if (index != 0)
            return Leave.Fault(cpu, op, Vector.Gp);
        *cpu->Gpr(GeneralRegister.Rax) = (uint)cpu->State.Xcr0;
        *cpu->Gpr(GeneralRegister.Rdx) = cpu->State.Xcr0 >> 32;
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* SetRegister(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Cr4 & ControlBits.Cr4Osxsave) == 0)
            return Leave.Fault(cpu, op, Vector.Ud);
        ulong value = Mask(cpu);
        if (cpu->State.Cpl != 0 || (uint)*cpu->Gpr(GeneralRegister.Rcx) != 0 || (value & X87) == 0 || (value & ~Supported) != 0)
            return Leave.Fault(cpu, op, Vector.Gp);
        cpu->State.Xcr0 = value;
        return op[1].Fn(cpu, op + 1);
    }

    private static bool CanRun(Cpu* cpu, Op* op, out Fault fault)
    {
        fault = default;
        if ((cpu->State.Cr4 & ControlBits.Cr4Osxsave) == 0)
            fault = new Fault(Vector.Ud);
        else if ((cpu->State.Cr0 & ControlBits.Cr0Ts) != 0)
            fault = new Fault(Vector.Nm);
        else if ((op->Address(cpu) & 63) != 0)
            fault = new Fault(Vector.Gp);
        else
            return true;
        return false;
    }

    private static ulong Mask(Cpu* cpu) => (uint)*cpu->Gpr(GeneralRegister.Rax) | *cpu->Gpr(GeneralRegister.Rdx) << 32;

    /// <summary>XINUSE: a component counts as in use exactly when it is not in its initial state. SDM 1, 13.6.</summary>
    private static ulong InUse(Cpu* cpu)
    {
        ref CpuState state = ref cpu->State;
        ulong x87 = state.Fip | state.Fdp | state.Fop | state.Fsw | (state.Fcw ^ 0x37FUL) | (state.Ftw ^ 0xFFFFUL);
        for (int i = 0; i < 16; i++)
            x87 |= state.X87[i];
        ulong sse = state.Mxcsr ^ MxcsrInitial;
        for (int i = 0; i < FxImage.XmmWords(cpu); i++)
            sse |= state.Xmm[i];
        return (x87 != 0 ? X87 : 0) | (sse != 0 ? Sse : 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TrySave(Cpu* cpu, Op* op, bool optimise, bool wide)
    {
        ulong linear = op->Address(cpu), requested = Mask(cpu) & cpu->State.Xcr0, used = InUse(cpu);
        if (!FpuMemory.CanWrite(cpu, op, linear, HeaderOffset + HeaderSize) || !Cpu.TryRead(cpu, op, linear + HeaderOffset, out ulong stored))
            return false;
        ulong written = optimise ? requested & used : requested;
        FxImage image = default;
        bool ok = true;
        if ((written & X87) != 0)
        {
            image.TakeX87(cpu, wide);
            ok = FpuMemory.TryWrite(cpu, op, linear, (byte*)&image, FxImage.MxcsrOffset)
                && FpuMemory.TryWrite(cpu, op, linear + FxImage.RegistersOffset, (byte*)image.St, 128);
        }

        if ((requested & Sse) != 0)
        {
            image.Mxcsr = cpu->State.Mxcsr;
            image.MxcsrMaskField = FxImage.MxcsrMask;
            ok = ok && FpuMemory.TryWrite(cpu, op, linear + FxImage.MxcsrOffset, (byte*)&image.Mxcsr, 8);
        }

        if ((written & Sse) != 0)
        {
            image.TakeXmm(cpu);
            ok = ok && FpuMemory.TryWrite(cpu, op, linear + FxImage.XmmOffset, (byte*)image.Xmm, 8 * FxImage.XmmWords(cpu));
        }

        return ok && Cpu.TryWrite(cpu, op, linear + HeaderOffset, stored & ~requested | requested & used);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryRestore(Cpu* cpu, Op* op, bool wide)
    {
        ulong linear = op->Address(cpu), requested = Mask(cpu) & cpu->State.Xcr0;
        FxImage image;
        ulong* header = stackalloc ulong[HeaderSize / 8];
        if (!FpuMemory.TryRead(cpu, op, linear, (byte*)&image, sizeof(FxImage)) || !FpuMemory.TryRead(cpu, op, linear + HeaderOffset, (byte*)header, HeaderSize))
            return false;
        bool bad = (header[0] & ~cpu->State.Xcr0) != 0 || header[1] != 0 || header[2] != 0;
        if (bad || (requested & Sse) != 0 && (image.Mxcsr & ~FxImage.MxcsrMask) != 0)
        {
            cpu->Fault = new Fault(Vector.Gp);
            return false;
        }

        FxImage initial = default;
        initial.Fcw = 0x37F;
        if ((requested & X87) != 0)
            ((header[0] & X87) != 0 ? ref image : ref initial).PutX87(cpu, wide);
        if ((requested & Sse) != 0)
        {
            ((header[0] & Sse) != 0 ? ref image : ref initial).PutXmm(cpu);
            cpu->State.Mxcsr = image.Mxcsr;
        }

        return true;
    }
}
