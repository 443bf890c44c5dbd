using System.Globalization;
using Emu.Core;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tracing;

namespace Otherworld.Guest.Exploring;

/// <summary>Reads out of a guest that stands still what people want to see of it. Without symbols that is the processor alone.</summary>
/// <param name="guest">The guest.</param>
/// <param name="symbols">Its kernel's; null where they are not known.</param>
/// <param name="types">Its kernel's; null where they are not known.</param>
internal sealed class MomentReader(GuestMachine guest, SymbolTable? symbols, KernelTypes? types)
{
    private static readonly string[] Names = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"];

    private readonly GuestMachine _guest = guest;
    private readonly SymbolTable? _symbols = symbols;
    private readonly KernelTypes? _types = types;

    /// <summary>The RAM.</summary>
    public PhysicalMemory Memory { get; } = new MachineMemory(guest.Machine.Memory);

    /// <summary>All at once.</summary>
    public MomentView Read()
    {
        ref CpuState state = ref _guest.Processor.State;
        KernelInstance? kernel = Kernel();
        KernelInspector? inspector = Inspector(kernel);
        IReadOnlyList<KernelTask> tasks = inspector?.Tasks() ?? [];
        ulong? current = _symbols is null ? null : new CurrentTask(_guest, new KernelMemory(_guest.Machine.Memory, _guest.Processor), _symbols).Find();
        return new MomentView
        {
            Icount = _guest.Processor.InstructionCount,
            VtimeNs = _guest.Machine.Clock.Now,
            Cpl = state.Cpl,
            Place = Name(state.Rip) is { Length: > 0 } name ? name : Hex(state.Rip),
            Registers = Registers(),
            Code = new CodeReader(_guest, _symbols).Read(),
            Stack = kernel is null || state.Cpl != 0 ? "" : new StackTrace(kernel, _symbols!).Of(CrashRegisters.Of(_guest.Processor.StateBytes.ToArray())),
            Generation = kernel?.Generation,
            Tasks = tasks,
            Current = tasks.FirstOrDefault(task => task.Address == current)?.Pid,
            Damages = inspector?.Damages ?? [],
        };
    }

    /// <summary>Looks into the kernel that lives.</summary>
    /// <returns>Null where none is found, or its symbols and types are not known.</returns>
    public KernelInspector? Inspector() => Inspector(Kernel());

    private KernelInspector? Inspector(KernelInstance? kernel) => kernel is null || _types is null ? null : new KernelInspector(kernel, _symbols!, _types);

    private KernelInstance? Kernel()
    {
        try
        {
            return _symbols is null ? null : new KernelFinder(Memory, _symbols).Live();
        }
        catch (OtherworldException)
        {
            return null; // before the kernel has set itself up
        }
    }

    private List<RegisterView> Registers()
    {
        ref CpuState state = ref _guest.Processor.State;
        List<RegisterView> registers = [];
        ReadOnlySpan<ulong> general = state.Registers();
        for (int i = 0; i < Names.Length; i++)
            Add(Names[i], general[i]);
        Add("RIP", state.Rip);
        Add("RFLAGS", state.Rflags);
        Add("CR2", state.Cr2);
        Add("CR3", state.Cr3);
        Add("FS", state.Segments[(int)SegmentIndex.Fs].Base);
        Add("GS", state.Segments[(int)SegmentIndex.Gs].Base);
        return registers;

        void Add(string name, ulong value) => registers.Add(new RegisterView(name, Hex(value), Name(value)));
    }

    private string Name(ulong address) => CodeReader.IsKernel(_symbols, address) ? _symbols!.Describe(address) : "";

    private static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);
}
