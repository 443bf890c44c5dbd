using Emu.Core;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Crashes;

/// <summary>Applies a <see cref="PanicKind"/> to a machine that stands at a kernel instruction.</summary>
public sealed class PanicInjector
{
    private static readonly byte[] NullLoad = [0x31, 0xC0, 0x48, 0x8B, 0x00]; // xor eax, eax; mov rax, [rax]
    private static readonly byte[] Undefined = [0x0F, 0x0B]; // ud2
    private static readonly byte[] PushForever = [0x50, 0xEB, 0xFD]; // push rax; jmp to it
    private static readonly byte[] JumpToSelf = [0xEB, 0xFE];
    private static readonly byte[] DisableAndJump = [0xFA, 0xEB, 0xFE]; // cli; jmp to self

    /// <summary>LIST_POISON1 of <c>include/linux/poison.h</c>, what the forward pointer of a deleted entry holds: no canonical address.</summary>
    private static readonly byte[] Poison = [0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0xAD, 0xDE];

    private readonly GuestMachine _guest;
    private readonly SymbolTable _symbols;
    private readonly KernelMemory _memory;

    public PanicInjector(GuestMachine guest, SymbolTable symbols)
    {
        _guest = guest;
        _symbols = symbols;
        _memory = new KernelMemory(guest.Machine.Memory, guest.Processor);
    }

    /// <summary>Changes guest memory, where the machine stands, so that the kernel dies soon, of itself.</summary>
    /// <exception cref="InternalErrorException">The machine does not stand in the kernel.</exception>
    public void Apply(PanicKind kind)
    {
        Check.That(_guest.Processor.Cpl == 0, "a panic is injected in kernel mode");
        ulong rip = _guest.Processor.State.Rip;
        bool written = kind switch
        {
            PanicKind.NullDeref => Write(rip, NullLoad),
            PanicKind.Bug => Write(rip, Undefined),
            PanicKind.StackOverflow => Write(rip, PushForever),
            PanicKind.CorruptList => PoisonTaskList(),
            PanicKind.Hang => Write(rip, JumpToSelf),
            _ => Write(rip, DisableAndJump),
        };
        Check.That(written, "the running instruction is mapped");
    }

    /// <summary>An input like any other, so that a recording has it.</summary>
    private bool Write(ulong linear, byte[] bytes)
    {
        if (_memory.Patch(linear, bytes) is not { } patches)
            return false;
        foreach (MemoryPatch patch in patches)
            _guest.Machine.Inject(InputSource.Memory, patch.ToInput());
        return true;
    }

    /// <summary>
    /// The last element gets the forward pointer of a deleted one. CONFIG_DEBUG_LIST finds it in both ways in which the end of the list changes: a new
    /// process is added behind it (<c>prev-&gt;next should be next</c>), or it is taken out itself (<c>next is LIST_POISON1</c>).
    /// </summary>
    private bool PoisonTaskList()
    {
        ulong head = TaskListHead.Find(_memory, _symbols);
        return _memory.TryRead(head + 8, out ulong last) && Write(last, Poison);
    }
}
