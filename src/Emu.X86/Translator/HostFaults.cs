using System.Runtime.InteropServices;
using Emu.Core.Memory;

namespace Emu.X86.Translator;

/// <summary>
/// Turns a host fault inside generated code, always a bug of ours, into an ordinary return with <see cref="SiteKind.HostFault"/>. The handler is generated code
/// too, since no managed code may run there. It looks whether RIP or RSP belongs to an engine; all other faults go on to the runtime's own handler.
/// </summary>
internal static unsafe partial class HostFaults
{
    private const int SlotCount = 256;
    private const int OldHandlers = 0x141;
    private const int Slots = 0x1000;
    private const ulong Size = Slots + ((SlotCount + 1) * 256);

    // struct sigaction of glibc on x86-64.
    private const int ActionBytes = 152;
    private const int ActionFlags = 136;
    private const int SaSigInfo = 4;

    /// <summary>SIGILL, SIGBUS, SIGFPE, SIGSEGV.</summary>
    private static readonly int[] Signals = [4, 7, 8, 11];

    // The process's only handler; never unmapped, since a signal may come at any time.
    private static readonly nint Base = Install();

    private static ReadOnlySpan<byte> Handler =>
    [
        0x48, 0x8B, 0x82, 0xA8, 0x00, 0x00, 0x00, //        mov  rax, [rdx+168]       ; RIP in ucontext
        0x4C, 0x8B, 0x82, 0xA0, 0x00, 0x00, 0x00, //        mov  r8, [rdx+160]        ; RSP
        0x48, 0x8D, 0x0D, 0xEB, 0x0F, 0x00, 0x00, //        lea  rcx, [rip+slots]
        0x48, 0x3B, 0x01, //                          next: cmp  rax, [rcx]           ; Start
        0x72, 0x06, //                                      jb   stack
        0x48, 0x3B, 0x41, 0x08, //                          cmp  rax, [rcx+8]         ; End
        0x72, 0x24, //                                      jb   found
        0x4D, 0x89, 0xC1, //                         stack: mov  r9, r8
        0x4C, 0x2B, 0x49, 0x18, //                          sub  r9, [rcx+24]         ; Stack
        0x49, 0x83, 0xF9, 0x40, //                          cmp  r9, 64
        0x72, 0x17, //                                      jb   found
        0x48, 0x81, 0xC1, 0x00, 0x01, 0x00, 0x00, //        add  rcx, 256
        0x48, 0x83, 0x39, 0xFF, //                          cmp  qword [rcx], -1      ; behind the last slot
        0x75, 0xDB, //                                      jne  next
        0x48, 0x8D, 0x05, 0x00, 0x01, 0x00, 0x00, //        lea  rax, [rip+256]       ; OldHandlers
        0xFF, 0x24, 0xF8, //                                jmp  [rax+rdi*8]
        0x48, 0x89, 0x79, 0x20, //                   found: mov  [rcx+32], rdi        ; Signal
        0x48, 0x8B, 0x46, 0x10, //                          mov  rax, [rsi+16]        ; si_addr
        0x48, 0x89, 0x41, 0x28, //                          mov  [rcx+40], rax        ; Address
        0x48, 0x8B, 0x41, 0x10, //                          mov  rax, [rcx+16]        ; Recover
        0x48, 0x8D, 0x79, 0x30, //                          lea  rdi, [rcx+48]        ; Registers
        0x48, 0x8D, 0x72, 0x28, //                          lea  rsi, [rdx+40]
        0xB9, 0x17, 0x00, 0x00, 0x00, //                    mov  ecx, 23
        0xF3, 0x48, 0xA5, //                                rep movsq
        0x48, 0x89, 0x82, 0xA8, 0x00, 0x00, 0x00, //        mov  [rdx+168], rax
        0xC3, //                                            ret
    ];

    /// <summary>Watches over an engine's code until <see cref="Release"/>.</summary>
    /// <returns>The engine's slot; null when too many engines exist, whose faults then end the process.</returns>
    internal static HostFaultSlot* Register(byte* start, byte* end, byte* recover, byte* stack)
    {
        HostFaultSlot* slots = (HostFaultSlot*)(Base + Slots);
        for (HostFaultSlot* slot = slots; slot < slots + SlotCount; slot++)
        {
            if (Interlocked.CompareExchange(ref slot->Taken, 1, 0) != 0)
                continue;
            slot->Start = (nint)start;
            slot->Recover = (nint)recover;
            slot->Stack = (nint)stack;
            slot->End = (nint)end;
            return slot;
        }

        return null;
    }

    /// <summary>The engine's code is about to go.</summary>
    internal static void Release(HostFaultSlot* slot)
    {
        if (slot == null)
            return;
        slot->End = 0;
        slot->Stack = 0;
        Volatile.Write(ref slot->Taken, 0);
    }

    private static nint Install()
    {
        byte* memory = HostMemory.MapExecutable(Size);
        Handler.CopyTo(new Span<byte>(memory, Slots));
        ((HostFaultSlot*)(memory + Slots))[SlotCount].Start = -1;
        byte* action = stackalloc byte[ActionBytes];
        foreach (int signal in Signals)
        {
            if (SignalAction(signal, null, action) != 0 || *(nint*)action is 0 or 1)
                continue; // nobody to pass other faults on to: SIG_DFL, SIG_IGN
            ((nint*)(memory + OldHandlers))[signal] = *(nint*)action;
            *(nint*)action = (nint)memory;
            *(int*)(action + ActionFlags) |= SaSigInfo;
            _ = SignalAction(signal, action, null); // when refused, faults end the process as they would have
        }

        return (nint)memory;
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SignalAction(int signal, byte* action, byte* old);
}
