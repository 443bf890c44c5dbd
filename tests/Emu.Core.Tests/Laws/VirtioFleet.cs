using System.Collections.Immutable;
using Emu.Core.Devices;
using Emu.Core.Devices.Disk;
using Emu.Core.Devices.Network;
using Emu.Core.Devices.Virtio;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Tests.Laws;

/// <summary>One of each virtio device.</summary>
internal static class VirtioFleet
{
    public static ImmutableArray<string> Kinds => ["block", "rng", "console", "net,02:00:00:00:00:01"];

    public static IReadOnlyList<Func<MachineParts, VirtioSlot, IDevice>?> Factories =>
    [
        (parts, slot) => Attach(parts, slot, new VirtioBlock("vda", parts.Memory, parts.Interrupts.Attach(slot.Irq), Disk(), parts.Events, parts.Clock)),
        (parts, slot) => Attach(parts, slot, new VirtioRng("rng", parts.Memory, parts.Interrupts.Attach(slot.Irq), parts.Description.Seed)),
        (parts, slot) => Attach(parts, slot, new VirtioConsole("hvc0", parts.Memory, parts.Interrupts.Attach(slot.Irq), NullSink.Instance)),
        (parts, slot) => Attach(parts, slot, new VirtioNet("net0", parts.Memory, parts.Interrupts.Attach(slot.Irq), new MacAddress(0x0200_0000_0001), parts.Clock, UnpluggedCable.Instance)),
    ];

    private static DiskOverlay Disk() => new(new MemoryDiskImage(new byte[1 << 16]));

    private static T Attach<T>(MachineParts parts, VirtioSlot slot, T device)
        where T : IDevice, Emu.Core.Bus.IMmioHandler
    {
        parts.Mmio.Register(slot.Address, VirtioSlot.Length, VirtioMmio.Widths, device);
        return device;
    }
}
