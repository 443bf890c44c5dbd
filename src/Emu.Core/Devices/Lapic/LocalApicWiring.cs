using Emu.Core.Devices.IoApic;
using Emu.Core.Devices.Pic;

namespace Emu.Core.Devices.Lapic;

/// <summary>What a local APIC is connected to. Set once while the machine is composed, since each side needs the other.</summary>
public sealed class LocalApicWiring
{
    /// <summary>Answers the acknowledge cycle of ExtINT. Null: nothing is behind LINT0.</summary>
    public Pic8259? Pic { get; set; }

    /// <summary>Hears the EOI of level-triggered interrupts.</summary>
    public IoApic82093? IoApic { get; set; }
}
