using Emu.Core;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>
/// Where a <c>task_struct</c> has its name and numbers, told from the shape of <c>init_task</c>: it is called "swapper", and is its own parent, real parent and
/// thread group leader; the numbers stand before these, and perhaps the stack canary in between (include/linux/sched.h).
/// </summary>
/// <param name="Comm">Offset of <c>comm</c>, 16 bytes.</param>
/// <param name="Pid">Offset of <c>pid</c>; <c>tgid</c> follows.</param>
public sealed record TaskLayout(ulong Comm, ulong Pid)
{
    private const ulong TaskSize = 8192;
    private const int CommLength = 16;
    private const ulong LeaderDistance = 48; // real_parent, parent, children (2), sibling (2), group_leader

    /// <summary>Looks at a kernel that has come as far as its first context switch.</summary>
    /// <exception cref="OtherworldException">There is no such task: the symbols are not of this kernel.</exception>
    public static TaskLayout Find(KernelMemory memory, SymbolTable symbols)
    {
        ulong task = symbols.AddressOf("init_task");
        ulong? comm = null;
        ulong? pid = null;
        for (ulong offset = 8; offset < TaskSize; offset += 8)
        {
            if (comm is null && memory.TryRead(task + offset, out ulong name) && (name & 0x00FF_FFFF_FFFF_FFFF) == BitConverter.ToUInt64("swapper\0"u8))
                comm = offset;
            if (pid is null && Is(task, offset) && Is(task, offset + 8) && Is(task, offset + LeaderDistance))
                pid = memory.TryRead(task + offset - 8, out ulong numbers) && numbers == 0 ? offset - 8 : offset - 16; // the idle task has 0 and 0
        }

        return comm is { } at && pid is { } number
            ? new TaskLayout(at, number)
            : throw new OtherworldException("what the symbols call init_task is no task: they are not of the kernel that runs. Give its System.map or unstripped vmlinux with --symbols.");

        bool Is(ulong value, ulong offset) => memory.TryRead(task + offset, out ulong found) && found == value;
    }

    /// <summary>The name and numbers of a task; <see cref="TaskName.Idle"/> with a question mark where there is none.</summary>
    public TaskName Read(KernelMemory memory, ulong task)
    {
        if (!memory.TryRead(task + Pid, out (int Pid, int Tgid) numbers) || !memory.TryRead(task + Comm, out UInt128 name))
            return TaskName.Idle with { Comm = "?" };
        Span<char> text = stackalloc char[CommLength];
        int length = 0;
        for (; length < CommLength && (byte)(name >> (8 * length)) is not 0 and var letter; length++)
            text[length] = letter is > 0x20 and < 0x7F and not (byte)';' ? (char)letter : '_';
        return new TaskName(numbers.Pid, numbers.Tgid, text[..length].ToString());
    }
}
