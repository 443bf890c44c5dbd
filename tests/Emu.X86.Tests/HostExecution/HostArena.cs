using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.HostExecution;

/// <summary>
/// The address range all <see cref="HostCode"/> slots lie in, and the signal handler for it: an exception inside a slot is written to the slot's state block
/// and execution goes on at the slot's epilogue; any other goes to the handler that was there before (the runtime's).
/// </summary>
internal static unsafe partial class HostArena
{
    private const ulong Base = 0x1000_0000;
    private const int SlotSize = 0x80000, SlotCount = 256;

    // glibc's struct sigaction: handler, 128 bytes of mask, flags, restorer.
    private const int ActionSize = 152;

    // ucontext_t on x86-64: gregs start at 40; 16 = RIP, 19 = ERR, 20 = TRAPNO, 22 = CR2.
    private const int UcRip = 40 + 8 * 16, UcError = 40 + 8 * 19, UcTrap = 40 + 8 * 20, UcCr2 = 40 + 8 * 22;

    private const int Previous = 0x800;
    private static readonly Lock Guard = new();
    private static readonly int[] Taken = [0];
    private static readonly bool[] Caught = [false];

    // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
    private static readonly int[] Signals = [4, 5, 7, 8, 11];

    /// <summary>Address of a slot nobody has.</summary>
    internal static ulong TakeSlot()
    {
        lock (Guard)
        {
            // Slot 0 holds the signal handler.
            int slot = ++Taken[0];
            Assert.That(slot, Is.LessThan(SlotCount), "more HostCode instances than slots: share them");
            return Base + (ulong)(slot * SlotSize);
        }
    }

    /// <summary>Installs the signal handler, once for the process.</summary>
    internal static void CatchExceptions()
    {
        lock (Guard)
        {
            if (Caught[0])
                return;
            Caught[0] = true;
            HostMemory.Map(Base, 0x1000, executable: true);
            byte[] handler = HostCode.Assemble(EmitHandler, Base);
            Assert.That(handler.Length, Is.LessThan(Previous));
            handler.CopyTo(new Span<byte>((void*)Base, Previous));
            byte* action = stackalloc byte[ActionSize];
            foreach (int signal in Signals)
            {
                Assert.That(Sigaction(signal, null, action), Is.Zero);
                ulong previous = *(ulong*)action;
                if (previous < 2)
                    continue;
                ((ulong*)(Base + Previous))[signal] = previous;
                *(ulong*)action = Base;
                Assert.That(Sigaction(signal, action, null), Is.Zero);
            }
        }
    }

    // rdi = signal, rsi = siginfo_t*, rdx = ucontext_t*
    private static void EmitHandler(Assembler c)
    {
        (int state, int exit) = HostCode.HandlerOffsets;
        Label other = c.CreateLabel("other");
        c.mov(rax, __qword_ptr[rdx + UcRip]);
        c.sub(rax, (int)Base);
        c.cmp(rax, SlotSize * SlotCount);
        c.jae(other);
        c.and(rax, -SlotSize);
        c.add(rax, (int)Base);
        c.mov(rcx, __qword_ptr[rdx + UcTrap]);
        c.mov(__dword_ptr[rax + state + 136], ecx);
        c.mov(rcx, __qword_ptr[rdx + UcError]);
        c.mov(__dword_ptr[rax + state + 140], ecx);
        c.mov(rcx, __qword_ptr[rdx + UcRip]);
        c.mov(__qword_ptr[rax + state + 144], rcx);
        c.mov(rcx, __qword_ptr[rdx + UcCr2]);
        c.mov(__qword_ptr[rax + state + 152], rcx);
        c.lea(rcx, __[rax + exit]);
        c.mov(__qword_ptr[rdx + UcRip], rcx);
        c.ret();
        c.Label(ref other);
        c.jmp(__qword_ptr[rdi * 8 + (long)(Base + Previous)]);
    }

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int Sigaction(int signal, byte* action, byte* previous);
}
