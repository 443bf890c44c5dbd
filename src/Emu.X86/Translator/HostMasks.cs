using Emu.Core;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>
/// Masks of PEXT and PDEP, which have no immediate form: one quadword of <see cref="HostExchange"/> for each that generated code uses. PEXT and PDEP are how it
/// takes fields of a register apart without changing flags.
/// </summary>
internal sealed unsafe class HostMasks(Cpu* cpu)
{
    /// <summary>Different masks at most.</summary>
    internal const int Most = 32;

    private readonly Cpu* _cpu = cpu;
    private int _count;

    /// <summary>Where a mask lies.</summary>
    internal Memory this[ulong mask]
    {
        get
        {
            ulong* masks = _cpu->Host.Masks;
            int index = new ReadOnlySpan<ulong>(masks, _count).IndexOf(mask);
            if (index < 0)
            {
                Check.That(_count < Most);
                index = _count++;
                masks[index] = mask;
            }

            return new Memory(HostRegister.Rsp, (int)((byte*)(masks + index) - FrameOffsets.Rsp(_cpu)));
        }
    }
}
