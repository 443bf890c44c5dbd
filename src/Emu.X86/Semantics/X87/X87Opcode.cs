using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>
/// FOP: the opcode of the last instruction that raised an unmasked exception, and not of any other, as processors have kept it since they stopped to record every one
/// (the compatibility mode for that, IA32_MISC_ENABLE bit 2, does not exist here). SDM 1, 8.1.9.
/// </summary>
internal static unsafe class X87Opcode
{
    private const byte First = 0xD8, Last = 0xDF;
    private const ulong LongestInstruction = 15;

    /// <summary>Reads the opcode of the instruction at FIP: the low three bits of its first byte and the whole second one. What lies before the first are prefixes.</summary>
    internal static void Record(Cpu* cpu)
    {
        X86Processor processor = cpu->Processor;
        ulong rip = cpu->State.Fip;
        for (ulong end = rip + LongestInstruction; rip != end && processor.TryReadCode(rip, out byte first); rip++)
        {
            if (first is < First or > Last)
                continue;
            if (processor.TryReadCode(rip + 1, out byte second))
                cpu->State.Fop = (ushort)((first & 7) << 8 | second);
            return;
        }
    }
}
