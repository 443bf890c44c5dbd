using System.Collections.Immutable;
using Emu.Core.Devices.Network;
using Emu.Core.Machine;
using Emu.X86;

namespace Otherworld.Guest.Boot;

/// <summary>What a person may choose about a machine. Everything has a default; <see cref="MachineSettingsReader"/> fills it from file and environment.</summary>
public sealed record MachineSettings
{
    /// <summary>Network cards a machine can have.</summary>
    public const int MostCards = VirtioSlot.Count - FirstCardSlot;

    /// <summary>Virtio slot of the first of them.</summary>
    public const int FirstCardSlot = 4;

    private const string CardPrefix = "net,";

    /// <summary>Bytes of RAM.</summary>
    public ulong MemorySize { get; init; } = 512UL << 20;

    /// <summary>Seed of RDRAND and of the entropy device.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>What the real-time clock shows at power-on, seconds since 1970 UTC.</summary>
    public long RtcEpoch { get; init; } = new MachineDescription().RtcEpoch;

    /// <summary>Unknown guest behaviour stops the machine.</summary>
    public bool Strict { get; init; }

    /// <summary>Guest nanoseconds without user mode or idle after which the watchdog raises NMI, 0 for never.</summary>
    public ulong WatchdogTime { get; init; } = new MachineDescription().WatchdogTicks;

    /// <summary>Guest nanoseconds in user mode or HLT, without once leaving it, after which the watchdog raises NMI, 0 for never.</summary>
    public ulong WatchdogStayTime { get; init; }

    /// <summary>Disk image in the first virtio slot, or null.</summary>
    public DiskChoice? Disk { get; init; }

    /// <summary>Disk image in the fourth virtio slot, or null.</summary>
    public DiskChoice? SecondDisk { get; init; }

    /// <summary>An entropy device in the second virtio slot.</summary>
    public bool Rng { get; init; } = true;

    /// <summary>A virtio console in the third virtio slot.</summary>
    public bool Console { get; init; } = true;

    /// <summary>Addresses of network cards, from the fifth virtio slot on; at most <see cref="MostCards"/>.</summary>
    public ImmutableArray<MacAddress> Cards { get; init; } = [];

    /// <summary>What runs the guest's instructions; null for the fastest this host can run. A matter of the host: no part of the machine.</summary>
    public EngineKind? Engine { get; init; }

    /// <summary>Disk images in the order of their slots.</summary>
    public IEnumerable<DiskChoice> Disks => new[] { Disk, SecondDisk }.OfType<DiskChoice>();

    /// <summary>The settings that give a description, with the paths of its images in the order of their slots.</summary>
    public static MachineSettings Of(MachineDescription description, IReadOnlyList<string> diskPaths)
    {
        int next = 0;
        return new MachineSettings
        {
            MemorySize = description.MemorySize,
            RtcEpoch = description.RtcEpoch,
            Seed = description.Seed,
            WatchdogTime = description.WatchdogTicks,
            WatchdogStayTime = description.WatchdogStayTicks,
            Strict = description.Strict,
            Disk = Disk(0),
            Rng = description.Virtio.Contains("rng"),
            Console = description.Virtio.Contains("console"),
            SecondDisk = Disk(3),
            Cards = [.. description.Virtio.Where(name => name.StartsWith(CardPrefix, StringComparison.Ordinal)).Select(name => MacAddress.Parse(name[CardPrefix.Length..]))],
        };

        DiskChoice? Disk(int slot) => slot < description.Virtio.Length && description.Virtio[slot].StartsWith("block", StringComparison.Ordinal)
            ? new DiskChoice(diskPaths[next++], description.Virtio[slot] == "block,ro")
            : null;
    }

    /// <summary>The part of it that is the machine's identity: paths of images are not, their contents are.</summary>
    public MachineDescription ToDescription() => new()
    {
        MemorySize = MemorySize,
        RtcEpoch = RtcEpoch,
        Seed = Seed,
        WatchdogTicks = WatchdogTime,
        WatchdogStayTicks = WatchdogStayTime,
        Strict = Strict,
        Virtio = Slots(),
    };

    /// <summary>What is in the virtio slots; empty ones at the end are left out.</summary>
    private ImmutableArray<string> Slots()
    {
        string[] slots = [Name(Disk), Rng ? "rng" : "", Console ? "console" : "", Name(SecondDisk), .. Cards.Select(mac => CardPrefix + mac)];
        int used = Array.FindLastIndex(slots, slot => slot.Length != 0) + 1;
        return [.. slots[..used]];
    }

    private static string Name(DiskChoice? disk) => disk switch
    {
        null => "",
        { ReadOnly: true } => "block,ro",
        _ => "block",
    };
}
