using Emu.Core.Devices.Disk;
using Emu.Core.Devices.Network;
using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Devices.Virtio;

/// <summary>Builds the virtio devices that a machine description names.</summary>
public static class VirtioDevices
{
    // RDRAND draws from the plain seed; the entropy device must not repeat what it says.
    private const ulong RngSeedOffset = 0x726E_6700_0000_0000;

    private const string NetPrefix = "net,";

    /// <summary>One builder per slot, as <see cref="PcMachine"/> wants them.</summary>
    /// <param name="description">Names <c>block</c>, <c>block,ro</c>, <c>rng</c>, <c>console</c>, <c>net,MAC</c> or nothing for each slot.</param>
    /// <param name="disks">Images for the block devices, in the order of their slots.</param>
    /// <param name="outputs">Where the console and the network cards talk to.</param>
    /// <exception cref="OtherworldException">A name is unknown, or there are more or fewer images than block devices.</exception>
    public static IReadOnlyList<Func<MachineParts, VirtioSlot, IDevice>?> For(
        MachineDescription description, IReadOnlyList<IDiskImage> disks, MachineOutputs outputs)
    {
        var builders = new List<Func<MachineParts, VirtioSlot, IDevice>?>();
        int blocks = 0;
        int consoles = 0;
        int cards = 0;
        foreach (string name in description.Virtio)
        {
            Func<MachineParts, VirtioSlot, IDevice>? builder = name switch
            {
                "" => null,
                "block" or "block,ro" => Block(blocks++, disks, readOnly: name == "block,ro"),
                "rng" => Rng,
                "console" => Console($"hvc{consoles++}", outputs.VirtioConsole),
                _ when name.StartsWith(NetPrefix, StringComparison.Ordinal) => Net(cards++, MacAddress.Parse(name[NetPrefix.Length..]), outputs.Cables),
                _ => throw new OtherworldException($"'{name}' is not a virtio device. Known are: block, block,ro, rng, console, net,MAC."),
            };
            builders.Add(builder);
        }

        if (blocks != disks.Count)
            throw new OtherworldException($"the machine has {blocks} block devices, but {disks.Count} disk images were given. Give one --disk for each.");
        return builders;
    }

    private static Func<MachineParts, VirtioSlot, IDevice> Block(int index, IReadOnlyList<IDiskImage> disks, bool readOnly) => (parts, slot) =>
    {
        var disk = new DiskOverlay(disks[index], readOnly);
        return Attach(parts, slot, irq => new VirtioBlock($"vd{(char)('a' + index)}", parts.Memory, irq, disk, parts.Events, parts.Clock));
    };

    private static VirtioDevice<VirtioRng.State> Rng(MachineParts parts, VirtioSlot slot) =>
        Attach(parts, slot, irq => new VirtioRng($"rng{slot.Index}", parts.Memory, irq, parts.Description.Seed + RngSeedOffset + (ulong)slot.Index));

    private static Func<MachineParts, VirtioSlot, IDevice> Console(string id, IByteSink output) => (parts, slot) =>
        Attach(parts, slot, irq => new VirtioConsole(id, parts.Memory, irq, output));

    private static Func<MachineParts, VirtioSlot, IDevice> Net(int index, MacAddress mac, IReadOnlyList<IFrameSink> cables) => (parts, slot) =>
    {
        IFrameSink cable = index < cables.Count ? cables[index] : UnpluggedCable.Instance;
        return Attach(parts, slot, irq => new VirtioNet($"net{index}", parts.Memory, irq, mac, parts.Clock, cable));
    };

    private static VirtioDevice<TFunction> Attach<TFunction>(MachineParts parts, VirtioSlot slot, Func<IIrqLine, VirtioDevice<TFunction>> make)
        where TFunction : unmanaged
    {
        VirtioDevice<TFunction> device = make(parts.Interrupts.Attach(slot.Irq));
        parts.Mmio.Register(slot.Address, VirtioSlot.Length, VirtioMmio.Widths, device);
        return device;
    }
}
