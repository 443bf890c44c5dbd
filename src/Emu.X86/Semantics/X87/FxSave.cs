using System.Runtime.CompilerServices;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>FXSAVE, FXRSTOR, LDMXCSR, STMXCSR. SDM 2A.</summary>
internal static unsafe class FxSave
{
    /// <summary>FXSAVE; <typeparamref name="TWide"/> is 1 for the REX.W form.</summary>
    internal static Op* Save<TWide>(Cpu* cpu, Op* op)
        where TWide : struct, IConstant
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        if ((op->Address(cpu) & 15) != 0)
            return Leave.Fault(cpu, op, Vector.Gp);
        return TrySave(cpu, op, TWide.Value != 0) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    /// <summary>FXRSTOR: reserved MXCSR bits are #GP(0), before anything is loaded.</summary>
    internal static Op* Restore<TWide>(Cpu* cpu, Op* op)
        where TWide : struct, IConstant
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        if ((op->Address(cpu) & 15) != 0)
            return Leave.Fault(cpu, op, Vector.Gp);
        return TryRestore(cpu, op, TWide.Value != 0) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    internal static Op* LoadMxcsr(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return Simd.SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<uint>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        uint value = *(uint*)source;
        if ((value & ~FxImage.MxcsrMask) != 0)
            return Leave.Fault(cpu, op, Vector.Gp);
        cpu->State.Mxcsr = value;
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* StoreMxcsr(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return Simd.SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForWrite<uint>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        *(uint*)target = cpu->State.Mxcsr;
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TrySave(Cpu* cpu, Op* op, bool wide)
    {
        ulong linear = op->Address(cpu);
        if (!FpuMemory.CanWrite(cpu, op, linear, sizeof(FxImage)))
            return false;
        FxImage image = default;
        image.TakeX87(cpu, wide);
        image.TakeXmm(cpu);
        image.Mxcsr = cpu->State.Mxcsr;
        image.MxcsrMaskField = FxImage.MxcsrMask;
        // Behind the XMM registers of the mode memory stays as it is.
        return FpuMemory.TryWrite(cpu, op, linear, (byte*)&image, FxImage.XmmOffset + 8 * FxImage.XmmWords(cpu));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryRestore(Cpu* cpu, Op* op, bool wide)
    {
        FxImage image;
        if (!FpuMemory.TryRead(cpu, op, op->Address(cpu), (byte*)&image, sizeof(FxImage)))
            return false;
        if ((image.Mxcsr & ~FxImage.MxcsrMask) != 0)
        {
            cpu->Fault = new Fault(Vector.Gp);
            return false;
        }

        image.PutX87(cpu, wide);
        image.PutXmm(cpu);
        cpu->State.Mxcsr = image.Mxcsr;
        return true;
    }
}
