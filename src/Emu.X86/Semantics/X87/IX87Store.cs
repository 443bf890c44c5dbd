using Emu.X86.Semantics.Float;

namespace Emu.X86.Semantics.X87;

/// <summary>A store of ST(0) to memory.</summary>
internal unsafe interface IX87Store
{
    /// <summary>Unmasked, these keep the store from happening.</summary>
    static abstract FloatExceptions Blocking { get; }

    /// <summary>Writes the value unless an exception of <see cref="Blocking"/> is raised unmasked.</summary>
    static abstract void Store(byte* target, Float80 value, ref FloatContext context);
}
