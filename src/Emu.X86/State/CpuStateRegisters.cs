using System.Runtime.InteropServices;

namespace Emu.X86.State;

/// <summary>The fixed buffers of <see cref="CpuState"/> as spans, for code that is not unsafe.</summary>
public static unsafe class CpuStateRegisters
{
    /// <summary>The general registers, indexed by <see cref="GeneralRegister"/>.</summary>
    public static Span<ulong> Registers(this ref CpuState state) => MemoryMarshal.CreateSpan(ref state.Gpr[0], 16);

    /// <summary>DR0 to DR3.</summary>
    public static Span<ulong> DebugRegisters(this ref CpuState state) => MemoryMarshal.CreateSpan(ref state.Dr[0], 4);
}
