using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>An operation on ST(0) alone; it may change C0, C2 and C3.</summary>
internal interface IX87Unary
{
    static abstract Float80 Apply(Float80 a, ref FloatContext context, ref ushort condition);
}
