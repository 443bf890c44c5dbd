using Iced.Intel;

namespace Emu.X86.Semantics;

/// <summary>Sizes of Iced's enumerations.</summary>
public static class IcedConstants
{
    /// <summary>One more than the largest <see cref="Code"/>.</summary>
    public static readonly int CodeCount = (int)Enum.GetValues<Code>().Max() + 1;

    /// <summary>One more than the largest <see cref="Register"/>.</summary>
    public static readonly int RegisterCount = (int)Enum.GetValues<Register>().Max() + 1;
}
