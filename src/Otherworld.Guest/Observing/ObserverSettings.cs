using Emu.Core.Devices.Network;
using Emu.Core.Worlds;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Images;
using Otherworld.Guest.Worlds;

namespace Otherworld.Guest.Observing;

/// <summary>How a server is observed: the link to it, and the machine at its other end.</summary>
public sealed record ObserverSettings
{
    private const ulong ServerMac = 0x0200_0000_0101;
    private const ulong ObserverMac = 0x0200_0000_0102;

    /// <summary>The link.</summary>
    public LinkDescription Link { get; init; } = new() { Between = [ObservedWorld.ServerName, ObservedWorld.ObserverName] };

    /// <summary>Bytes of the observer's RAM.</summary>
    public ulong MemorySize { get; init; } = 128UL << 20;

    /// <summary>File for the frames on the link (pcapng); null for none.</summary>
    public string? Capture { get; init; }

    /// <summary>The world: the server as given, with a network card more; the observer from the same image, without anything of ours in its kernel at work.</summary>
    /// <param name="server">The server's settings.</param>
    /// <param name="commandLine">The server's, without its network card.</param>
    /// <param name="image">The image of both.</param>
    internal WorldPlan Plan(MachineSettings server, string commandLine, GuestImage image)
    {
        MachinePlan plain = new()
        {
            Name = ObservedWorld.ObserverName,
            Kernel = image.Path(ImageRoles.Vmlinux),
            Initrds = [image.Path(ImageRoles.Initramfs)],
            Settings = new MachineSettings
            {
                MemorySize = MemorySize,
                Seed = server.Seed + 1,
                Engine = server.Engine,
                Disk = DiskChoice.Parse(image.Path(ImageRoles.Disk)),
                Cards = [new MacAddress(ObserverMac)],
            },
        };
        return new WorldPlan
        {
            Seed = server.Seed,
            Machines =
            [
                plain with
                {
                    Name = ObservedWorld.ServerName,
                    Settings = server with { Cards = [new MacAddress(ServerMac)] },
                    CommandLine = $"{commandLine} {MachinePlan.CardParameter(0)}",
                },
                plain,
            ],
            Links = [Link],
        };
    }
}
