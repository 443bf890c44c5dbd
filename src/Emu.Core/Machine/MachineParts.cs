using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.Memory;
using Emu.Core.Time;

namespace Emu.Core.Machine;

/// <summary>What a processor or a virtio device is connected to.</summary>
/// <param name="Description">What the machine is.</param>
/// <param name="Memory">RAM, with its write door.</param>
/// <param name="Bus">Everything outside RAM.</param>
/// <param name="Lapic">The local APIC: interrupts, NMI, its MSRs.</param>
/// <param name="Clock">Time.</param>
/// <param name="Events">Timers.</param>
/// <param name="Stop">Where the machine is asked to stop.</param>
/// <param name="Mmio">Where memory-mapped registers are claimed.</param>
/// <param name="Interrupts">Where interrupt lines are attached.</param>
/// <param name="Coprocessor">Where the processor reports x87 exceptions while CR0.NE is clear.</param>
public sealed record MachineParts(
    MachineDescription Description,
    GuestMemory Memory,
    IBus Bus,
    ILocalApic Lapic,
    MachineClock Clock,
    EventQueue Events,
    StopLatch Stop,
    MmioBus Mmio,
    IrqRouter Interrupts,
    ICoprocessorPins Coprocessor);
