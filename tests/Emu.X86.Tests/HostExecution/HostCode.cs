using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.HostExecution;

/// <summary>
/// Runs machine code on the host processor: loads all general registers, flags, XMM and x87 registers from <see cref="State"/>, executes the
/// bytes given to <see cref="Load(ReadOnlySpan{byte})"/>, and stores everything back. An exception of the code (#DE, #UD, #GP, #PF, #MF, #XM ...) ends it
/// and is reported in <see cref="HostState.Vector"/> with the registers at that point. An instance may be used by one thread at a time.
/// </summary>
/// <remarks>
/// Each instance owns one slot of low memory, so that addresses fit 32 bits and are equal on every run:
/// code at <see cref="CodeAddress"/>, a data area of 64 KiB at <see cref="DataAddress"/>, a stack below <see cref="StackAddress"/>.
/// </remarks>
public sealed unsafe class HostCode
{
    /// <summary>Bytes in the data area; the pages before and after it are not mapped.</summary>
    public const int DataSize = 0x10000;

    /// <summary>Longest code <see cref="Load(ReadOnlySpan{byte})"/> takes.</summary>
    public const int MaxCodeSize = 0x4000;

    private const int StateOffset = 0x0000, HostRspOffset = 0x0800, HostMxcsrOffset = 0x0810, HostFcwOffset = 0x0814;
    private const int EpilogueOffset = 0x1000, PrologueOffset = 0x1400, CodeOffset = 0x2000;
    private const int DataOffset = 0x20000, StackOffset = 0x40000, StackSize = 0x20000;

    private readonly ulong _slot;

    /// <summary>Takes a slot. Ends the test as ignored on hosts that are not x86-64 Linux.</summary>
    public HostCode()
    {
        if (!IsSupported)
            Assert.Ignore("The host is not x86-64 Linux: nothing to compare with.");
        _slot = HostArena.TakeSlot();
        HostMemory.Map(_slot, 0x8000, executable: true);
        HostMemory.Map(DataAddress, DataSize, executable: false);
        HostMemory.Map(_slot + StackOffset, StackSize, executable: false);
        EmitEpilogue();
        EmitPrologue();
        HostArena.CatchExceptions();
        Reset();
    }

    /// <summary>True on x86-64 Linux.</summary>
    public static bool IsSupported => RuntimeInformation.ProcessArchitecture == Architecture.X64 && OperatingSystem.IsLinux();

    /// <summary>Linear address of the first byte under test.</summary>
    public ulong CodeAddress => _slot + CodeOffset;

    /// <summary>Linear address of the data area.</summary>
    public ulong DataAddress => _slot + DataOffset;

    /// <summary>Initial RSP: 16-byte aligned, 64 KiB of stack below, 64 KiB above.</summary>
    public ulong StackAddress => _slot + StackOffset + StackSize / 2;

    /// <summary>The data area.</summary>
    public Span<byte> Data => new((void*)DataAddress, DataSize);

    /// <summary>Stack memory around <see cref="StackAddress"/>.</summary>
    public Span<byte> Stack => new((void*)(_slot + StackOffset), StackSize);

    /// <summary>Registers before and after <see cref="Run"/>.</summary>
    public ref HostState State => ref *(HostState*)(_slot + StateOffset);

    /// <summary>Puts <see cref="State"/> to zero registers, RSP at <see cref="StackAddress"/>, and the initial floating-point state.</summary>
    public void Reset()
    {
        State = default;
        State.Gpr[4] = StackAddress;
        State.Fx = HostFxImage.Initial;
    }

    /// <summary>Sets the code under test; it must leave by its end.</summary>
    public void Load(ReadOnlySpan<byte> code)
    {
        Assert.That(code.Length, Is.LessThanOrEqualTo(MaxCodeSize));
        Span<byte> target = new((void*)CodeAddress, MaxCodeSize + 16);
        code.CopyTo(target);
        // jmp rel32 to the epilogue
        target[code.Length] = 0xe9;
        int distance = (int)((long)(_slot + EpilogueOffset) - (long)(CodeAddress + (ulong)code.Length + 5));
        BitConverter.TryWriteBytes(target[(code.Length + 1)..], distance);
    }

    /// <summary>Assembles and sets the code under test.</summary>
    public void Load(Action<Assembler> emit) => Load(Assemble(emit, CodeAddress));

    /// <summary>Assembles 64-bit code for an address.</summary>
    public static byte[] Assemble(Action<Assembler> emit, ulong address)
    {
        Assembler assembler = new(64);
        emit(assembler);
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), address);
        return stream.ToArray();
    }

    /// <summary>Executes the code under test once. RFLAGS bits outside <see cref="HostState.LoadedFlags"/> are not loaded.</summary>
    public void Run()
    {
        State.Rflags = State.Rflags & HostState.LoadedFlags | 0x202;
        State.Vector = -1;
        ((delegate* unmanaged<void>)(_slot + PrologueOffset))();
    }

    private long Gpr(int index) => (long)_slot + StateOffset + 8 * index;

    private void EmitPrologue() => Emit(PrologueOffset, CodeOffset - PrologueOffset, c =>
    {
        long slot = (long)_slot;
        foreach (AssemblerRegister64 saved in CalleeSaved)
            c.push(saved);
        c.mov(__qword_ptr[slot + HostRspOffset], rsp);
        c.stmxcsr(__dword_ptr[slot + HostMxcsrOffset]);
        c.fnstcw(__word_ptr[slot + HostFcwOffset]);
        c.fxrstor64(__[slot + StateOffset + 160]);
        c.push(__qword_ptr[slot + StateOffset + 128]);
        c.popfq();
        for (int i = 0; i < 16; i++)
            c.mov(All[i], __qword_ptr[Gpr(i)]);
        c.jmp(CodeAddress);
    });

    private void EmitEpilogue() => Emit(EpilogueOffset, PrologueOffset - EpilogueOffset, c =>
    {
        long slot = (long)_slot;
        for (int i = 0; i < 16; i++)
            c.mov(__qword_ptr[Gpr(i)], All[i]);
        c.mov(rsp, __qword_ptr[slot + HostRspOffset]);
        c.pushfq();
        c.pop(__qword_ptr[slot + StateOffset + 128]);
        c.cld();
        c.fxsave64(__[slot + StateOffset + 160]);
        c.ldmxcsr(__dword_ptr[slot + HostMxcsrOffset]);
        c.fninit();
        c.fldcw(__word_ptr[slot + HostFcwOffset]);
        for (int i = CalleeSaved.Length - 1; i >= 0; i--)
            c.pop(CalleeSaved[i]);
        c.ret();
    });

    private void Emit(int offset, int room, Action<Assembler> emit)
    {
        byte[] code = Assemble(emit, _slot + (ulong)offset);
        Assert.That(code.Length, Is.LessThanOrEqualTo(room));
        code.CopyTo(new Span<byte>((void*)(_slot + (ulong)offset), room));
    }

    /// <summary>Where the signal handler finds the state block and the way out, relative to the slot.</summary>
    internal static (int State, int Exit) HandlerOffsets => (StateOffset, EpilogueOffset);

    private static AssemblerRegister64[] CalleeSaved => [rbx, rbp, r12, r13, r14, r15];

    private static AssemblerRegister64[] All => [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15];
}
