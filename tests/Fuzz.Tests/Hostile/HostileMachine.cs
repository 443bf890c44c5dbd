using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Snapshots;
using Emu.X86.State;
using Otherworld.Guest.Boot;

namespace Fuzz.Tests.Hostile;

/// <summary>A PC whose guest means harm, or nothing at all: random bytes as code, tables that point everywhere, nonsense in descriptors, pointers at devices.</summary>
internal sealed class HostileMachine : IDisposable
{
    private const ulong MemorySize = 4 << 20;
    private const ulong Tables = 0x1000;
    private const int TablePages = 15;
    private const ulong Gdt = 0x1_0000;
    private const ulong Idt = 0x1_2000;
    private const ulong Code = 0x2_0000;
    private const int CodeBytes = 0x2_0000;

    /// <summary>Where something happens: RAM, its end, the frame buffer's hole, APICs, virtio registers, the end of the world.</summary>
    private static readonly ulong[] Places =
    [
        0, Tables, Gdt, Idt, Code, 0xA_0000, 0xE_0000, MemorySize - 0x1000, MemorySize, 0xBFFF_F000, 0xFEB0_0000, 0xFEB0_0200, 0xFEB0_0400, 0xFEC0_0000, 0xFEE0_0000,
        0xFFFF_F000, 0x1_0000_0000, 0xFF_FFFF_F000,
    ];

    /// <summary>Beginnings of instructions that reach for the machine's innards.</summary>
    private static readonly byte[][] Openings =
    [
        [0x0F, 0x30], [0x0F, 0x32], [0x0F, 0x20], [0x0F, 0x22], [0x0F, 0x21], [0x0F, 0x23], [0x0F, 0x00], [0x0F, 0x01], [0x0F, 0x02], [0x0F, 0x03], [0x0F, 0x05], [0x0F, 0x07],
        [0x0F, 0x34], [0x0F, 0x35], [0x0F, 0xAE], [0x0F, 0xC7], [0x0F, 0xB2], [0xE4], [0xE5], [0xE6], [0xE7], [0xEC], [0xED], [0xEE], [0xEF], [0x6C], [0x6D], [0x6E], [0x6F],
        [0xCF], [0x48, 0xCF], [0xCD], [0xCC], [0xF4], [0xFA], [0xFB], [0x8E], [0x17], [0xEA], [0x9A], [0xFF], [0xCA], [0xCB], [0x9D], [0xF3, 0xA4], [0xF3, 0xAB], [0xF3, 0x6D], [0xF0],
        [0x66], [0x67], [0x64], [0x65], [0xC8], [0xDD], [0xD9], [0xEB], [0xE8], [0xC4], [0x62], [0x0F, 0x38], [0x0F, 0x3A],
    ];

    private readonly MemorySnapshot _blank;

    public HostileMachine()
    {
        Guest = GuestMachine.Create(new MachineSettings { MemorySize = MemorySize }, new MachineOutputs());
        _blank = MemorySnapshot.Take(Guest.Machine);
    }

    public GuestMachine Guest { get; }

    /// <summary>Powers on with the guest of a seed.</summary>
    public void Load(ulong seed, int bitness)
    {
        _blank.Restore(Guest.Machine);
        Dice dice = new(seed);
        WriteCode(dice);
        WriteTables(dice);
        WriteDescriptors(dice, bitness);
        Enter(dice, bitness);
    }

    /// <summary>Something from outside, at random: keys, bytes on a line, NMI, the power button.</summary>
    public void Disturb(Dice dice)
    {
        byte[] bytes = new byte[dice.Below(16)];
        dice.Fill(bytes);
        InputSource source = (InputSource)dice.Below((int)InputSource.PowerButton + 1);
        bool line = source <= InputSource.Serial3;
        if (!line || Guest.Machine.Uarts[(int)source].LineRoom >= bytes.Length)
            Guest.Machine.Inject(source, bytes);
    }

    public void Dispose() => Guest.Dispose();

    private void WriteCode(Dice dice)
    {
        byte[] code = new byte[CodeBytes];
        dice.Fill(code);
        int openings = dice.Pick<int>(0, 2000, 20_000);
        for (int i = 0; i < openings; i++)
            dice.Pick<byte[]>(Openings).CopyTo(code, dice.Below(CodeBytes - 2));
        Guest.Machine.Memory.Write(Code, code);
    }

    /// <summary>Entries for every kind of paging there is: present mostly, at a random place, with random bits.</summary>
    private void WriteTables(Dice dice)
    {
        GuestMemory memory = Guest.Machine.Memory;
        for (ulong entry = Tables; entry < Tables + (TablePages * 0x1000); entry += 8)
        {
            ulong place = dice.Below(10) switch
            {
                < 5 => Tables + ((ulong)dice.Below(TablePages) << 12),
                < 8 => (ulong)dice.Below((int)MemorySize) & ~0xFFFUL,
                8 => dice.Pick<ulong>(Places),
                _ => dice.Bits() & ~0xFFFUL,
            };
            memory.Write(entry, place | (dice.Bits() & (dice.Chance(70) ? 0x67UL : 0xFFF)) | (dice.Chance(90) ? 1UL : 0UL));
        }

        if (dice.Chance(20))
            return;
        // Mostly the first 2 MiB are where they should be, so that the guest gets somewhere. Each entry is its own table's for 64-bit and PAE paging.
        memory.Write(Tables, (Tables + 0x1000) | 7);
        memory.Write(Tables + 0x1000, (Tables + 0x2000) | 7);
        memory.Write(Tables + 0x2000, 0x87UL);
    }

    private void WriteDescriptors(Dice dice, int bitness)
    {
        byte[] nonsense = new byte[0x1000];
        dice.Fill(nonsense);
        GuestMemory memory = Guest.Machine.Memory;
        memory.Write(Gdt, nonsense);
        dice.Fill(nonsense);
        memory.Write(Idt, nonsense);
        ulong code = bitness == 64 ? 0xA09BUL : bitness == 32 ? 0xC09BUL : 0x009BUL;
        memory.Write(Gdt + 8, 0x000F_0000_0000_FFFF | (code << 40));
        memory.Write(Gdt + 16, 0x000F_0000_0000_FFFF | (0xC093UL << 40));
        bool gates = dice.Chance(70);
        for (int vector = 0; gates && vector < 256; vector++)
        {
            if (dice.Chance(5))
                continue;
            ulong handler = Code + (ulong)dice.Below(CodeBytes);
            ulong low = (handler & 0xFFFF) | (8UL << 16) | ((ulong)dice.Pick<int>(0, 0, 0, 1, 7) << 32) | ((ulong)dice.Pick<int>(0x8E, 0x8F, 0xEE, 0x85) << 40) | ((handler & 0xFFFF_0000) << 32);
            if (bitness != 64)
            {
                memory.Write(Idt + ((ulong)vector * 8), bitness == 32 ? low & ~(0xFFUL << 32) : low & 0xFFFFUL);
                continue;
            }

            memory.Write(Idt + ((ulong)vector * 16), low);
            memory.Write(Idt + ((ulong)vector * 16) + 8, dice.Chance(97) ? 0UL : dice.Bits());
        }
    }

    private void Enter(Dice dice, int bitness)
    {
        const ulong cr0 = ControlBits.Cr0Pe | ControlBits.Cr0Et | ControlBits.Cr0Ne;
        bool paged = bitness == 64 || (bitness == 32 && dice.Chance(50));
        ulong optional = ControlBits.Cr4Pge | ControlBits.Cr4Pse | ControlBits.Cr4Osfxsr | ControlBits.Cr4Osxmmexcpt | ControlBits.Cr4Fsgsbase | ControlBits.Cr4Osxsave | ControlBits.Cr4De | ControlBits.Cr4Smap;
        ProcessorEntry.Apply(Guest.Processor, new EntryState
        {
            Mode = bitness == 64 ? EntryMode.Long64 : EntryMode.Protected32,
            Rip = Code + (ulong)dice.Below(CodeBytes / 2),
            Rflags = 2 | (dice.Bits() & 0x44DD5),
            Cr0 = cr0 | (paged ? ControlBits.Cr0Pg : 0) | (dice.Chance(50) ? ControlBits.Cr0Wp : 0) | (dice.Chance(30) ? ControlBits.Cr0Am : 0),
            Cr3 = Tables,
            Cr4 = (dice.Bits() & optional) | (bitness == 64 || dice.Chance(50) ? ControlBits.Cr4Pae : 0),
            Efer = bitness == 64 ? ControlBits.EferLme | ControlBits.EferLma | ControlBits.EferSce | (dice.Chance(50) ? ControlBits.EferNxe : 0) : 0,
            GdtBase = Gdt,
            GdtLimit = (ushort)dice.Pick<int>(0xFFF, 0x17, 0xFFFF),
        });
        ref CpuState state = ref Guest.Processor.State;
        state.Idtr = new DescriptorTable { Base = Idt, Limit = (ushort)dice.Pick<int>(0xFFF, 0xFFF, 0x3FF, 0x10, 0xFFFF) };
        Span<ulong> registers = state.Registers();
        for (int i = 0; i < 16; i++)
            registers[i] = dice.Below(4) switch { 0 => dice.Bits(), 1 => (ulong)dice.Below(0x1000), _ => dice.Pick<ulong>(Places) + (ulong)dice.Below(0x1000) };
        if (dice.Chance(85))
            registers[(int)GeneralRegister.Rsp] = 0x8_0000 + (ulong)dice.Below(0x1_0000);
        state.Segments[(int)SegmentIndex.Cs].Selector = 8;
        if (bitness == 16)
        {
            EnterRealMode(ref state);
            WriteRealModeVectors(dice);
        }

        Guest.Processor.Restored();
    }

    /// <summary>Mostly somewhere in the code; a few anywhere.</summary>
    private void WriteRealModeVectors(Dice dice)
    {
        for (ulong vector = 0; vector < 256; vector++)
        {
            uint target = dice.Chance(97) ? ((uint)(Code >> 4) << 16) | (uint)dice.Below(0x8000) : (uint)dice.Bits();
            Guest.Machine.Memory.Write(vector * 4, target);
        }
    }

    private static void EnterRealMode(ref CpuState state)
    {
        state.Cr0 &= ~ControlBits.Cr0Pe;
        for (int i = 0; i < 6; i++)
        {
            state.Segments[i].Base = i == (int)SegmentIndex.Cs ? Code : (ulong)i << 14;
            state.Segments[i].Limit = 0xFFFF;
            state.Segments[i].Selector = (ushort)(state.Segments[i].Base >> 4);
            state.Segments[i].Attributes &= ~(SegmentAttributes.Big | SegmentAttributes.Granularity);
        }

        state.Rip &= 0xFFFF;
        state.Idtr = new DescriptorTable { Base = 0, Limit = 0x3FF };
    }
}
