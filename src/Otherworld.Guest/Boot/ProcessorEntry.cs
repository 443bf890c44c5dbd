using System.Runtime.InteropServices;
using Emu.X86;
using Emu.X86.State;

namespace Otherworld.Guest.Boot;

/// <summary>Puts a processor where a boot protocol wants it.</summary>
public static class ProcessorEntry
{
    private const SegmentAttributes Flat = SegmentAttributes.Present | SegmentAttributes.CodeOrData | SegmentAttributes.WritableOrReadable
        | SegmentAttributes.Accessed | SegmentAttributes.Granularity;

    /// <summary>Resets the processor and gives it the entry state.</summary>
    public static void Apply(X86Processor processor, EntryState entry)
    {
        processor.Reset();
        ref CpuState state = ref MemoryMarshal.AsRef<CpuState>(processor.StateBytes);
        Span<ulong> registers = state.Registers();
        registers.Clear();
        registers[(int)GeneralRegister.Rax] = entry.Rax;
        registers[(int)GeneralRegister.Rbx] = entry.Rbx;
        registers[(int)GeneralRegister.Rsi] = entry.Rsi;
        registers[(int)GeneralRegister.Rsp] = entry.Rsp;
        state.Rip = entry.Rip;
        state.Rflags = entry.Rflags;
        state.Cr0 = entry.Cr0;
        state.Cr3 = entry.Cr3;
        state.Cr4 = entry.Cr4;
        state.Efer = entry.Efer;
        state.Gdtr = new DescriptorTable { Base = entry.GdtBase, Limit = entry.GdtLimit };
        state.Idtr = default;

        SegmentAttributes size = entry.Mode == EntryMode.Long64 ? SegmentAttributes.Long : SegmentAttributes.Big;
        foreach (SegmentIndex index in new[] { SegmentIndex.Es, SegmentIndex.Ss, SegmentIndex.Ds, SegmentIndex.Fs, SegmentIndex.Gs })
            state.Segments[(int)index] = new SegmentRegister { Limit = uint.MaxValue, Selector = EntryState.DataSelector, Attributes = Flat | SegmentAttributes.Big };
        state.Segments[(int)SegmentIndex.Cs] = new SegmentRegister { Limit = uint.MaxValue, Selector = EntryState.CodeSelector, Attributes = Flat | SegmentAttributes.Code | size };
        state.Segments[(int)SegmentIndex.Ldtr] = new SegmentRegister { Attributes = SegmentAttributes.Unusable };
        state.Segments[(int)SegmentIndex.Tr] = new SegmentRegister
        {
            Limit = 0x67,
            Selector = EntryState.TaskSelector,
            Attributes = SegmentAttributes.Present | SegmentAttributes.Code | SegmentAttributes.WritableOrReadable | SegmentAttributes.Accessed, // type 11: busy TSS
        };
        processor.Restored();
    }
}
