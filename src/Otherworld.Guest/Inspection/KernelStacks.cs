using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>Which of a kernel's stacks an address belongs to, by the names of the kernel's own "Call Trace" (arch/x86/kernel/dumpstack_64.c).</summary>
internal sealed class KernelStacks
{
    /// <summary>Of the stacks on which a kernel of ours leaves.</summary>
    public const string Crash = "CRASH";

    private const string Interrupt = "IRQ";
    private const ulong InterruptSize = 16 << 10; // IRQ_STACK_SIZE
    private const ulong ExceptionSize = 12 << 10; // a guard page and EXCEPTION_STKSZ
    private const ulong CrashSize = 3 * (4096 + 8192); // OW_STACKS * OW_STACK_STRIDE, guards included

    /// <summary>struct cea_exception_stacks, upwards.</summary>
    private static readonly string[] Exceptions = ["#DF", "NMI", "#DB", "#MC", "#VC", "#VC2"];

    private readonly List<(ulong Start, ulong Size, string Name)> _known = [];

    public KernelStacks(KernelInstance kernel, SymbolTable symbols)
    {
        if (symbols.TryAddressOf("irq_stack_backing_store", out ulong interrupts))
            _known.Add((interrupts, InterruptSize, Interrupt));
        // Where that is mapped once more, below a guard page (CONFIG_VMAP_STACK); of a kernel for one processor.
        if (symbols.TryAddressOf("hardirq_stack_ptr", out ulong top) && kernel.TryRead(top, out ulong mapped) && mapped != 0)
            _known.Add((mapped + sizeof(ulong) - InterruptSize, InterruptSize, Interrupt));
        if (symbols.TryAddressOf("ow_stacks", out ulong crash))
            _known.Add((crash, CrashSize, Crash));
        if (symbols.TryAddressOf("cea_exception_stacks", out ulong pointer) && kernel.TryRead(pointer, out ulong exceptions) && exceptions != 0)
            _known.AddRange(Exceptions.Select((name, i) => (exceptions + ((ulong)i * ExceptionSize), ExceptionSize, name)));
    }

    /// <summary>The stack's name; <c>TASK</c> for all that are a task's.</summary>
    public string NameOf(ulong address) => _known.Find(stack => address - stack.Start < stack.Size).Name ?? "TASK";
}
