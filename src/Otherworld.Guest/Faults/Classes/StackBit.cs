using System.Globalization;
using Emu.X86.State;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>One bit of a task's kernel stack is flipped, between its stack pointer and the top.</summary>
internal sealed class StackBit : DataFault
{
    private const ulong StackSize = 16 << 10; // THREAD_SIZE

    /// <inheritdoc/>
    public override string Name => "stack";

    /// <inheritdoc/>
    public override string Summary => "flip one bit of a kernel stack in use; SITE is a command name or a pid";

    /// <inheritdoc/>
    protected override (ulong Address, string Place) Draw(FaultPlacement placement, KernelReader kernel)
    {
        TaskReader tasks = new(kernel);
        List<(KernelTask Task, ulong Pointer, ulong Top)> stacks = [];
        foreach (KernelTask task in tasks.All())
        {
            if (placement.Spec.Site is { } site && site != task.Name && site != task.Pid.ToString(CultureInfo.InvariantCulture))
                continue;
            KernelObject structure = tasks.ObjectOf(task);
            ulong bottom = structure.Word("stack");
            ulong pointer = PointerOf(placement, structure, bottom);
            if (pointer > bottom && pointer < bottom + StackSize)
                stacks.Add((task, pointer, bottom + StackSize));
        }

        if (stacks.Count == 0)
            throw placement.Refuse($"no task {placement.Spec.Site} has anything on its kernel stack.");
        placement.DrewFrom($"{stacks.Count} kernel stacks");
        (KernelTask drawn, ulong start, ulong top) = placement.OneOf(stacks);
        ulong address = start + placement.Below(top - start);
        return (address, $"the kernel stack of {drawn.Name} ({drawn.Pid}), {top - address} bytes below its top");
    }

    /// <summary>Of a task that does not run, the saved one; of the task that does, the processor's, if it is on that stack.</summary>
    private static ulong PointerOf(FaultPlacement placement, KernelObject task, ulong bottom)
    {
        ulong live = placement.Guest.Processor.State.Registers()[(int)GeneralRegister.Rsp];
        bool isCurrent = placement.CurrentTask() == task.Address;
        if (!isCurrent)
            return task.Word("thread.sp");
        return placement.Guest.Processor.Cpl == 0 && live > bottom && live < bottom + StackSize ? live : 0;
    }
}
