using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>
/// Whether floating-point and SIMD instructions may run at all: CR0.EM, CR0.TS, CR4.OSFXSR and a pending x87 exception. SDM 3A, tables 13-1 and 2.5.
/// Handlers test one byte of <see cref="Cpu"/> that <see cref="Update"/> keeps; only when it is set they come here for the vector.
/// </summary>
internal static unsafe class SimdGate
{
    /// <summary>Recomputes the gates; part of a mode change.</summary>
    internal static void Update(Cpu* cpu)
    {
        bool unavailable = (cpu->State.Cr0 & (ControlBits.Cr0Em | ControlBits.Cr0Ts)) != 0;
        cpu->X87Blocked = unavailable ? (byte)1 : (byte)0;
        cpu->SseBlocked = unavailable || (cpu->State.Cr4 & ControlBits.Cr4Osfxsr) == 0 ? (byte)1 : (byte)0;
    }

    /// <summary>An SSE instruction that may not run.</summary>
    internal static Op* RaiseSse(Cpu* cpu, Op* op)
    {
        bool undefined = (cpu->State.Cr0 & ControlBits.Cr0Em) != 0 || (cpu->State.Cr4 & ControlBits.Cr4Osfxsr) == 0;
        return Leave.Fault(cpu, op, undefined ? Vector.Ud : Vector.Nm);
    }

    /// <summary>An MMX instruction that may not run.</summary>
    internal static Op* RaiseMmx(Cpu* cpu, Op* op) =>
        Leave.Fault(cpu, op, (cpu->State.Cr0 & ControlBits.Cr0Em) != 0 ? Vector.Ud : Vector.Nm);

    /// <summary>An SSE floating-point exception that is not masked: #XM, or #UD when the system has not announced a handler. SDM 1, 11.5.3.</summary>
    internal static Op* RaiseSimdException(Cpu* cpu, Op* op) =>
        Leave.Fault(cpu, op, (cpu->State.Cr4 & ControlBits.Cr4Osxmmexcpt) != 0 ? Vector.Xm : Vector.Ud);
}
