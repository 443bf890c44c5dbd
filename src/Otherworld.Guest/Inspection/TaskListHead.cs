using Emu.Core;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>
/// Finds the list of all tasks inside <c>init_task</c> by its shape: the longest circular list that starts and ends there and whose every element
/// lies in a task, which is told by its command name.
/// </summary>
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
        ulong name = NameOffset(memory, task);
        ulong best = 0;
        int length = 2;
        for (ulong offset = 0; offset < TaskSize; offset += 8)
        {
            int found = Length(memory, task + offset, name - offset);
            if (found <= length)
                continue;
            length = found;
            best = task + offset;
        }

        return best != 0 ? best : throw new OtherworldException("init_task holds no task list: System.map and the running kernel do not belong together.");
    }

    /// <summary>Elements of a well-formed circular doubly linked list, 0 for anything else.</summary>
    /// <param name="nameDistance">From a list element to its task's command name.</param>
    private static int Length(KernelMemory memory, ulong head, ulong nameDistance)
    {
        ulong at = head;
        for (int count = 0; count < Longest; count++)
        {
            if (!memory.TryRead(at, out ulong next) || next < KernelHalf || !memory.TryRead(next + 8, out ulong back) || back != at)
                return 0;
            if (next == head)
                return count;
            if (!HasName(memory, next + nameDistance))
                return 0;
            at = next;
        }

        return 0;
    }

    /// <summary>Where <c>task_struct.comm</c> is: init_task is called "swapper".</summary>
    private static ulong NameOffset(KernelMemory memory, ulong task)
    {
        ulong swapper = BitConverter.ToUInt64("swapper\0"u8);
        for (ulong offset = 0; offset < TaskSize; offset += 8)
        {
            if (memory.TryRead(task + offset, out ulong value) && (value & 0x00FF_FFFF_FFFF_FFFF) == (swapper & 0x00FF_FFFF_FFFF_FFFF))
                return offset;
        }

        throw new OtherworldException("init_task has no name: System.map and the running kernel do not belong together.");
    }

    /// <summary>A command name: printable ASCII, then zeroes, at most 15 characters.</summary>
    private static bool HasName(KernelMemory memory, ulong address)
    {
        for (ulong i = 0; i < 16; i++)
        {
            if (!memory.TryRead(address + i, out byte character))
                return false;
            if (character == 0)
                return i > 0;
            if (character is < 0x20 or > 0x7E)
                return false;
        }

        return false;
    }
}
