using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>FADD and its like: destination first.</summary>
internal interface IX87Binary
{
    static abstract Float80 Apply(Float80 a, Float80 b, ref FloatContext context);
}
