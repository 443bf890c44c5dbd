using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>
/// The guest's x87 registers in the host's: XRSTOR brings them there when a chain of blocks meets its first x87 instruction, XSAVE takes them back when it is left.
/// Instructions, sticky flags, stack faults and C1 are then the host's own. Only FIP and FDP would be those of host code: generated code notes the guest's.
/// </summary>
internal static unsafe class HostX87
{
    /// <summary>The registers are live in the host.</summary>
    internal const ulong Live = 0;

    /// <summary>They are in <see cref="CpuState"/>.</summary>
    internal const ulong Stored = 1;

    /// <summary>Bytes of an XSAVE area with x87 state only: the legacy region and the header. SDM 1, 13.4.</summary>
    internal const int ImageBytes = 576;

    /// <summary>XSAVE areas are aligned to this.</summary>
    internal const int ImageAlignment = 64;

    /// <summary>Bit of x87 in XSTATE_BV, which is the first quadword of the header. SDM 1, 13.1 and 13.4.2.</summary>
    private const ulong X87Component = 1;

    private const int AllMasked = 0x3F;

    /// <summary>Prepares entering generated code with live x87 registers.</summary>
    /// <returns>False when its instructions may fault (CR0.TS, a pending exception, one that is not masked), or tags are such as only a reset makes: the interpreter runs them.</returns>
    internal static bool TryTake(Cpu* cpu)
    {
        ref CpuState state = ref cpu->State;
        bool partialTags = ((state.Ftw ^ (state.Ftw >> 1)) & 0x5555) != 0;
        if (!X87Unit.CanRun(cpu) || (state.Fcw & AllMasked) != AllMasked || partialTags)
            return false;
        FxImage* image = Image(cpu);
        image->TakeX87(cpu, wide: true);
        *(ulong*)(image + 1) = X87Component;
        cpu->Host.X87State = Live;
        cpu->Host.X87Page = state.Fip;
        cpu->Host.X87Offset = 0;
        return true;
    }

    /// <summary>Takes back what was live. FOP stays: with all exceptions masked no instruction sets it, and what the host keeps there is its own.</summary>
    internal static void Give(Cpu* cpu)
    {
        ref CpuState state = ref cpu->State;
        ushort opcode = state.Fop;
        ulong data = state.Fdp;
        Image(cpu)->PutX87(cpu, wide: true);
        state.Fop = opcode;
        state.Fip = cpu->Host.X87Page + cpu->Host.X87Offset;
        state.Fdp = data;
        cpu->Host.X87State = Stored;
    }

    /// <summary>The XSAVE area.</summary>
    internal static FxImage* Image(Cpu* cpu)
        => (FxImage*)(((ulong)cpu->Host.X87Image + ImageAlignment - 1) & ~(ulong)(ImageAlignment - 1));
}
