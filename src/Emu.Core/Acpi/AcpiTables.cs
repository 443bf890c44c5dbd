using System.Buffers.Binary;
using Emu.Core.Devices.AcpiPm;
using Emu.Core.Devices.IoApic;
using Emu.Core.Machine;
using Emu.Core.Memory;

namespace Emu.Core.Acpi;

/// <summary>
/// The ACPI tables of this machine, as firmware would leave them: RSDP, XSDT, FADT, FACS, MADT and a DSDT with serial ports, keyboard, clock,
/// virtio-mmio devices and S5. A loader places them and reserves the area in its memory map.
/// </summary>
public static class AcpiTables
{
    /// <summary>Where the RSDP lies, first of the tables; systems search 16-byte boundaries from here to 1 MiB.</summary>
    public const ulong Address = 0xE_0000;

    /// <summary>Bytes kept for the tables.</summary>
    public const ulong Length = 0x2000;

    private const uint LocalApicAddress = 0xFEE0_0000;
    private const ulong XsdtOffset = 0x40, FadtOffset = 0x80, MadtOffset = 0x200, FacsOffset = 0x280, DsdtOffset = 0x300;
    private const ushort ResetPort = 0xCF9;
    private const byte ResetValue = 6;

    /// <summary>Writes the tables into RAM.</summary>
    /// <returns>The physical address of the RSDP.</returns>
    public static ulong Write(GuestMemory memory, MachineDescription description)
    {
        byte[] dsdt = Dsdt(description);
        Check.That(DsdtOffset + (ulong)dsdt.Length <= Length);
        memory.Write(Address, Rsdp());
        memory.Write(Address + XsdtOffset, new AcpiTable("XSDT", 1).Qword(Address + FadtOffset).Qword(Address + MadtOffset).ToArray());
        memory.Write(Address + FadtOffset, Fadt());
        memory.Write(Address + MadtOffset, Madt());
        memory.Write(Address + FacsOffset, Facs());
        memory.Write(Address + DsdtOffset, dsdt);
        return Address;
    }

    /// <summary>Root pointer, revision 2 (5.2.5.3): two checksums.</summary>
    private static byte[] Rsdp()
    {
        byte[] bytes = new byte[36];
        "RSD PTR "u8.CopyTo(bytes);
        "OTHERW"u8.CopyTo(bytes.AsSpan(9));
        bytes[15] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), (uint)bytes.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), Address + XsdtOffset);
        bytes[8] = AcpiTable.ChecksumOf(bytes.AsSpan(0, 20));
        bytes[32] = AcpiTable.ChecksumOf(bytes);
        return bytes;
    }

    /// <summary>Fixed description, revision 6 (5.2.9).</summary>
    private static byte[] Fadt()
    {
        const uint Wbinvd = 1, ProcC1 = 1 << 2, NoSleepButton = 1 << 5, NoFixedRtc = 1 << 6, ResetRegister = 1 << 10;
        const ushort LegacyDevices = 1, Keyboard8042 = 2, NoVga = 4;
        const ushort Event = AcpiPmBlock.BasePort, Control = Event + 4, Timer = Event + 8;
        return new AcpiTable("FACP", 6)
            .Dword((uint)(Address + FacsOffset)).Dword((uint)(Address + DsdtOffset))
            .Raw(0, 1).Word(AcpiPmBlock.SciIrq)               // desktop
            .PadTo(56).Dword(Event).Dword(0).Dword(Control).Dword(0).Dword(0).Dword(Timer).Dword(0).Dword(0)
            .Raw(4, 2, 0, 4, 0, 0, 0, 0)                      // lengths of the blocks above
            .Word(0xFFFF).Word(0xFFFF)                        // no C2, no C3
            .PadTo(108).Raw(0x32).Word(LegacyDevices | Keyboard8042 | NoVga).Raw(0)
            .Dword(Wbinvd | ProcC1 | NoSleepButton | NoFixedRtc | ResetRegister)
            .Register(ResetPort, 8, 1).Raw(ResetValue).Word(0).Raw(3)
            .Qword(Address + FacsOffset).Qword(Address + DsdtOffset)
            .Register(Event, 32, 2).Register(0, 0, 0)
            .Register(Control, 16, 2).Register(0, 0, 0)
            .Register(0, 0, 0).Register(Timer, 32, 3)
            .PadTo(276).ToArray();
    }

    /// <summary>Interrupt controllers (5.2.12): one local APIC, one IO-APIC, IRQ 0 on pin 2, a level-triggered SCI, NMI at LINT1.</summary>
    private static byte[] Madt()
    {
        const ushort LevelActiveHigh = 0x000D;
        return new AcpiTable("APIC", 5)
            .Dword(LocalApicAddress).Dword(1)                 // there is an 8259 pair
            .Raw(0, 8, 0, 0).Dword(1)
            .Raw(1, 12, IoApic82093.IoApicId, 0).Dword((uint)IoApic82093.BaseAddress).Dword(0)
            .Raw(2, 10, 0, 0).Dword(2).Word(0)
            .Raw(2, 10, 0, AcpiPmBlock.SciIrq).Dword(AcpiPmBlock.SciIrq).Word(LevelActiveHigh)
            .Raw(4, 6, 0xFF, 0, 0, 1)
            .ToArray();
    }

    /// <summary>Firmware control structure (5.2.10): no checksum, no wake vector.</summary>
    private static byte[] Facs()
    {
        byte[] bytes = new byte[64];
        "FACS"u8.CopyTo(bytes);
        bytes[4] = (byte)bytes.Length;
        bytes[32] = 2;
        return bytes;
    }

    private static byte[] Dsdt(MachineDescription description)
    {
        AmlWriter devices = new AmlWriter()
            .Device("COM1", Serial(1, 0x3F8, 4))
            .Device("COM2", Serial(2, 0x2F8, 3))
            .Device("COM3", Serial(3, 0x3E8, 4))
            .Device("COM4", Serial(4, 0x2E8, 3))
            .Device("RTC_", new AmlWriter().Name("_HID").EisaId("PNP0B00").Name("_CRS").Resources(new AmlWriter().Io(0x70, 2).Irq(8)))
            .Device("PS2K", new AmlWriter().Name("_HID").EisaId("PNP0303").Name("_CRS").Resources(new AmlWriter().Io(0x60, 1).Io(0x64, 1).Irq(1)));
        for (int i = 0; i < description.Virtio.Length; i++)
        {
            if (description.Virtio[i].Length > 0)
                devices.Device($"VR0{i}", Virtio(new VirtioSlot(i)));
        }

        byte[] aml = new AmlWriter()
            .Name("\\_S5_").Package(4, new AmlWriter().Byte(AcpiPmBlock.SleepTypeS5).Byte(AcpiPmBlock.SleepTypeS5).Raw(0, 0))
            .Scope("\\_SB_", devices)
            .ToArray();
        return new AcpiTable("DSDT", 2).Raw(aml).ToArray();
    }

    private static AmlWriter Serial(byte number, ushort port, int irq) => new AmlWriter()
        .Name("_HID").EisaId("PNP0501").Name("_UID").Byte(number)
        .Name("_CRS").Resources(new AmlWriter().Io(port, 8).Irq(irq));

    /// <summary>A virtio-mmio device, by the identifier Linux knows it by.</summary>
    private static AmlWriter Virtio(VirtioSlot slot) => new AmlWriter()
        .Name("_HID").Text("LNRO0005").Name("_UID").Byte((byte)slot.Index)
        .Name("_CRS").Resources(new AmlWriter().Memory32((uint)slot.Address, (uint)VirtioSlot.Length).Interrupt((byte)slot.Irq));
}
