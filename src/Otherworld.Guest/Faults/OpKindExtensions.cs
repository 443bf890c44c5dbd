using Iced.Intel;

namespace Otherworld.Guest.Faults;

/// <summary>Kinds of operands by what they are.</summary>
internal static class OpKindExtensions
{
    /// <summary>A constant in the instruction.</summary>
    public static bool IsImmediate(this OpKind kind) => kind is >= OpKind.Immediate8 and <= OpKind.Immediate32to64;
}
