using System.Runtime.InteropServices;

namespace Emu.X86.Translator;

/// <summary>
/// What generated code reaches with one-byte displacements besides the general registers. Lies right below <see cref="State.Cpu"/>; while
/// generated code runs, the host's RSP points 12 bytes into it and <see cref="Headroom"/> bytes below belong to signal handlers.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct HostFrame
{
    /// <summary>Bytes below the frame that a signal handler may use as its stack.</summary>
    internal const int Headroom = 128 << 10;

    /// <summary>From the start of the frame to where RSP points.</summary>
    internal const int RspOffset = 12;

    /// <summary>XMM registers and MXCSR are live in the host.</summary>
    internal const ulong XmmLive = 0;

    /// <summary>They are in <c>CpuState</c> and may be loaded.</summary>
    internal const ulong XmmStored = 1;

    /// <summary>SSE instructions may fault (CR0.TS, unmasked exceptions): the interpreter runs them.</summary>
    internal const ulong XmmForbidden = 2;

    // CALL into an exit stub writes its return address here.
    private readonly ulong _return0;
    private readonly ulong _return1;

    /// <summary>PEXT mask from a linear address to the index of its TLB entry.</summary>
    public ulong TlbMask;

    /// <summary>PDEP mask from a hash to a quarter of a jump entry's offset.</summary>
    public ulong JumpMask;

    /// <summary>Linear address of the page that the running block lies in.</summary>
    public ulong Page;

    /// <summary>Code context and TLB view: what entries of <see cref="HostJumps"/> must have been made in.</summary>
    public ulong Context;

    /// <summary>RSP of the caller.</summary>
    public ulong HostRsp;

    /// <summary>One of the constants above.</summary>
    public ulong XmmState;
}
