using System.Runtime.InteropServices;

namespace Emu.X86.State;

/// <summary>The fixed buffers of <see cref="CpuState"/> as spans, for code that is not unsafe.</summary>
public static unsafe class CpuStateRegisters
{
    /// <summary>The general registers, indexed by <see cref="GeneralRegister"/>.</summary>
    public static Span<ulong> Registers(this ref CpuState state) => MemoryMarshal.CreateSpan(ref state.Gpr[0], 16);

    /// <summary>DR0 to DR3.</summary>
    public static Span<ulong> DebugRegisters(this ref CpuState state) => MemoryMarshal.CreateSpan(ref state.Dr[0], 4);

    /// <summary>The x87 registers by physical number, two words each.</summary>
    public static Span<ulong> X87Registers(this ref CpuState state) => MemoryMarshal.CreateSpan(ref state.X87[0], 16);

    /// <summary>XMM0 to XMM15, two words each.</summary>
    public static Span<ulong> XmmRegisters(this ref CpuState state) => MemoryMarshal.CreateSpan(ref state.Xmm[0], 32);
}
