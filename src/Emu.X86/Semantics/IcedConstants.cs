using Iced.Intel;

namespace Emu.X86.Semantics;

/// <summary>Sizes of Iced's enumerations, whose values come in ascending order.</summary>
public static class IcedConstants
{
    /// <summary>One more than the largest <see cref="Code"/>.</summary>
    public static readonly int CodeCount = (int)Enum.GetValues<Code>()[^1] + 1;

    /// <summary>One more than the largest <see cref="Register"/>.</summary>
    public static readonly int RegisterCount = (int)Enum.GetValues<Register>()[^1] + 1;
}
