namespace Emu.X86.Translator;

/// <summary>A memory operand of a host instruction: base + (index &lt;&lt; scale) + displacement.</summary>
/// <param name="Base">Host register.</param>
/// <param name="Index">Host register, or -1.</param>
/// <param name="Scale">0 to 3.</param>
/// <param name="Disp">Bytes.</param>
internal readonly record struct Memory(int Base, int Index, int Scale, int Disp)
{
    internal Memory(int register, int disp)
        : this(register, -1, 0, disp)
    {
    }
}
