using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Emu.X86;
using Emu.X86.State;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Boot;

/// <summary>The processor's registers as text, in the layout people know from QEMU and the kernel.</summary>
public static class RegisterDump
{
    private static readonly string[] Names = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8 ", "R9 ", "R10", "R11", "R12", "R13", "R14", "R15"];

    /// <summary>Several lines, each ending with a newline.</summary>
    /// <param name="processor">Not running.</param>
    /// <param name="symbols">To name RIP; null where there are none.</param>
    public static string Of(X86Processor processor, SymbolTable? symbols = null)
    {
        ref CpuState state = ref MemoryMarshal.AsRef<CpuState>(processor.StateBytes);
        StringBuilder text = new();
        string place = symbols is null ? "" : $" ({symbols.Describe(state.Rip)})";
        Line($"RIP={state.Rip:x16} RFL={state.Rflags:x8} CPL={state.Cpl} HLT={state.Halted} icount={state.InstructionCount}{place}");
        Span<ulong> registers = state.Registers();
        for (int i = 0; i < Names.Length; i += 4)
            Line($"{Names[i]}={registers[i]:x16} {Names[i + 1]}={registers[i + 1]:x16} {Names[i + 2]}={registers[i + 2]:x16} {Names[i + 3]}={registers[i + 3]:x16}");
        for (SegmentIndex index = SegmentIndex.Es; index <= SegmentIndex.Tr; index++)
        {
            SegmentRegister segment = state.Segments[(int)index];
            Line($"{index.ToString().ToUpperInvariant(),-4}={segment.Selector:x4} base={segment.Base:x16} limit={segment.Limit:x8} attributes={(int)segment.Attributes:x4}");
        }

        Line($"GDT={state.Gdtr.Base:x16} {state.Gdtr.Limit:x4}  IDT={state.Idtr.Base:x16} {state.Idtr.Limit:x4}");
        Line($"CR0={state.Cr0:x8} CR2={state.Cr2:x16} CR3={state.Cr3:x16} CR4={state.Cr4:x8} EFER={state.Efer:x8}");
        return text.ToString();

        void Line(string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\n");
    }
}
