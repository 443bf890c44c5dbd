using Emu.Core;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>Finds the list of all tasks inside <c>init_task</c> by its shape: the longest circular list that starts and ends there.</summary>
public static class TaskListHead
{
    private const int TaskSize = 4096;
    private const int Longest = 10_000;
    private const ulong KernelHalf = 0xFFFF_8000_0000_0000;

    /// <summary>Linear address of <c>init_task.tasks</c>.</summary>
    /// <exception cref="OtherworldException">No list was found: the symbols do not belong to this kernel.</exception>
    public static ulong Find(KernelMemory memory, SymbolTable symbols)
    {
        ulong task = symbols.AddressOf("init_task");
        ulong best = 0;
        int length = 2;
        for (ulong offset = 0; offset < TaskSize; offset += 8)
        {
            int found = Length(memory, task + offset);
            if (found <= length)
                continue;
            length = found;
            best = task + offset;
        }

        return best != 0 ? best : throw new OtherworldException("init_task holds no task list: System.map and the running kernel do not belong together.");
    }

    /// <summary>Elements of a well-formed circular doubly linked list, 0 for anything else.</summary>
    private static int Length(KernelMemory memory, ulong head)
    {
        ulong at = head;
        for (int count = 0; count < Longest; count++)
        {
            if (!memory.TryRead(at, out ulong next) || next < KernelHalf || !memory.TryRead(next + 8, out ulong back) || back != at)
                return 0;
            if (next == head)
                return count;
            at = next;
        }

        return 0;
    }
}
