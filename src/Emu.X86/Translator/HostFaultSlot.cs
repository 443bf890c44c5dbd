using System.Runtime.InteropServices;

namespace Emu.X86.Translator;

/// <summary>What the signal handler of <see cref="HostFaults"/> knows of one engine, and what it leaves for it. The handler's code has these offsets.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal unsafe struct HostFaultSlot
{
    /// <summary>First byte of generated code.</summary>
    public nint Start;

    /// <summary>Behind the last; 0 in a free slot.</summary>
    public nint End;

    /// <summary>Where to go on after a fault.</summary>
    public nint Recover;

    /// <summary>Generated code runs with RSP in the 64 bytes from here, wherever its RIP has gone.</summary>
    public nint Stack;

    /// <summary>Signal number.</summary>
    public ulong Signal;

    /// <summary><c>si_addr</c>.</summary>
    public ulong Address;

    /// <summary>The general registers in the order of <c>ucontext</c>.</summary>
    public fixed ulong Registers[23];

    /// <summary>1 when an engine has the slot.</summary>
    public int Taken;

    /// <summary>RIP at the fault (REG_RIP).</summary>
    internal readonly ulong Rip => Registers[16];
}
