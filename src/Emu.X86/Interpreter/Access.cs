namespace Emu.X86.Interpreter;

/// <summary>What an op's one fast-path memory access does; the slow path (<see cref="SlowPath"/>) needs nothing else to serve it.</summary>
[Flags]
public enum Access : ushort
{
    /// <summary>No fast-path access: the handler uses <c>TryRead</c>/<c>TryWrite</c> only, or touches no memory.</summary>
    None = 0,

    /// <summary>Bytes read or written, in the low byte (1 to 64).</summary>
    SizeMask = 0xFF,
    Read = 1 << 8,
    Write = 1 << 9,

    /// <summary>The address is RSP (a pop), not the memory operand.</summary>
    Pop = 1 << 10,

    /// <summary>The address is RSP minus the size (a push).</summary>
    Push = 1 << 11,

    /// <summary>A fault of the address itself is #SS, not #GP.</summary>
    Stack = 1 << 12,

    /// <summary>The address must be a multiple of the size, else #GP(0) (aligned SSE forms).</summary>
    Aligned = 1 << 13,
}
