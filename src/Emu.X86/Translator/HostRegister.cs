namespace Emu.X86.Translator;

/// <summary>Numbers of host registers in encodings, and which of them hold guest registers (see docs/translator.md).</summary>
internal static class HostRegister
{
    internal const int Rax = 0;

    /// <summary>Scratch: counts, TLB and jump look-ups (JRCXZ).</summary>
    internal const int Rcx = 1;
    internal const int Rdx = 2;
    internal const int Rbx = 3;

    /// <summary>The frame below <see cref="State.Cpu"/>; its low six bits are 12, so that it also is a shift count.</summary>
    internal const int Rsp = 4;
    internal const int Rbp = 5;
    internal const int Rsi = 6;
    internal const int Rdi = 7;

    /// <summary>The guest's RSP.</summary>
    internal const int GuestRsp = 8;

    /// <summary>The guest's RCX.</summary>
    internal const int GuestRcx = 9;

    /// <summary>Scratch: the address of an access.</summary>
    internal const int R10 = 10;

    /// <summary>Scratch: host minus guest address of an access.</summary>
    internal const int R11 = 11;

    /// <summary>Ticks left, times 64.</summary>
    internal const int Budget = 15;

    /// <summary>The guest register lives in memory.</summary>
    internal const int Spilled = -1;

    private static ReadOnlySpan<sbyte> Homes => [0, 9, 2, 3, 8, 5, 6, 7, Spilled, Spilled, Spilled, Spilled, 12, 13, 14, Spilled];

    /// <summary>Host register of a guest register, or <see cref="Spilled"/>.</summary>
    internal static int HomeOf(int guest) => Homes[guest];
}
