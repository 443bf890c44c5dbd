using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>The <c>task_struct</c> of the task that runs, by the kernel's variable <c>current_task</c>.</summary>
/// <param name="guest">The guest.</param>
/// <param name="memory">Its memory.</param>
/// <param name="symbols">Its kernel's.</param>
internal sealed class CurrentTask(GuestMachine guest, KernelMemory memory, SymbolTable symbols)
{
    private const ulong KernelHalf = 0xFFFF_8000_0000_0000;

    private readonly GuestMachine _guest = guest;
    private readonly KernelMemory _memory = memory;
    private readonly ulong? _variable = symbols.TryAddressOf("current_task", out ulong address) ? address : null;

    /// <summary>Its address; null where that cannot be told, such as before the kernel has set up its page tables.</summary>
    public ulong? Find()
    {
        ref CpuState state = ref _guest.Processor.State;
        if (_variable is not { } variable || (state.Cr0 & ControlBits.Cr0Pg) == 0)
            return null;
        if (variable < KernelHalf) // one for each processor, not the only one
            variable += state.Cpl == 3 ? state.KernelGsBase : state.Segments[(int)SegmentIndex.Gs].Base;
        return _memory.TryRead(variable, out ulong task) && task >= KernelHalf ? task : null;
    }
}
