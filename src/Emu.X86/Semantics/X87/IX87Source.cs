using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>A memory operand of x87 instructions.</summary>
internal unsafe interface IX87Source
{
    /// <summary>For arithmetic: exact, with denormals noted in the context and signaling NaNs kept.</summary>
    static abstract Float80 Operand(byte* source, ref FloatContext context);

    /// <summary>For FLD and FILD: signaling NaNs and denormals are reported.</summary>
    static abstract Float80 Load(byte* source, ref FloatContext context);
}
