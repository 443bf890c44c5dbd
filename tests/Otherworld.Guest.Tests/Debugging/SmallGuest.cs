using Emu.Core.Machine;
using Emu.X86.State;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Tests.Debugging;

/// <summary>A guest whose timer interrupts an endless loop of arithmetic in real mode, and that idles now and then: everything a timeline must bring back.</summary>
internal static class SmallGuest
{
    /// <summary>Where the program begins.</summary>
    public const ulong Origin = 0x1000;

    /// <summary>The interrupt handler.</summary>
    public const ulong Handler = 0x1100;

    /// <summary>The word that only the handler writes to.</summary>
    public const ulong Counter = 0x5000;

    /// <summary>PIT channel 0 at about 100 microseconds, vector 8; the loop writes to memory, and halts every 512 rounds.</summary>
    private static readonly byte[] Program =
    [
        0xB0, 0x11, 0xE6, 0x20, // mov al, 11h; out 20h, al: ICW1
        0xB0, 0x08, 0xE6, 0x21, // ICW2: vector 8
        0xB0, 0x04, 0xE6, 0x21, // ICW3
        0xB0, 0x01, 0xE6, 0x21, // ICW4
        0xB0, 0xFE, 0xE6, 0x21, // mask: IRQ 0 only
        0xB0, 0x34, 0xE6, 0x43, // channel 0, mode 2
        0xB0, 0x77, 0xE6, 0x40, // 119 counts
        0xB0, 0x00, 0xE6, 0x40,
        0x31, 0xC0, 0x8E, 0xD8, // xor ax, ax; mov ds, ax
        0xFB,                   // sti
        0x40,                   // again: inc ax
        0x01, 0x06, 0x00, 0x60, // add [6000h], ax
        0xA9, 0xFF, 0x01,       // test ax, 1FFh
        0x75, 0x01,             // jnz +1
        0xF4,                   // hlt
        0xEB, 0xF3,             // jmp again
    ];

    /// <summary>Counts, ends the interrupt, returns.</summary>
    private static readonly byte[] Interrupt = [0xFF, 0x06, 0x00, 0x50, 0x50, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF];

    /// <summary>A new one.</summary>
    public static GuestMachine Create(MachineOutputs? outputs = null)
    {
        GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 2 << 20 }, outputs ?? new MachineOutputs());
        guest.Machine.Memory.Write(Origin, Program);
        guest.Machine.Memory.Write(Handler, Interrupt);
        guest.Machine.Memory.Write(8 * 4, (uint)Handler);
        ref CpuState state = ref guest.Processor.State;
        state.Rip = Origin;
        state.Segments[(int)SegmentIndex.Cs].Base = 0;
        state.Segments[(int)SegmentIndex.Cs].Selector = 0;
        state.Registers()[(int)GeneralRegister.Rsp] = 0x4000;
        guest.Processor.Restored();
        return guest;
    }
}
