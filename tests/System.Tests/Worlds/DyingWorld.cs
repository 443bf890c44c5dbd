using Otherworld.Guest.Images;

namespace System.Tests.Worlds;

/// <summary>A machine whose kernel is to die, and another one at the end of a link of 10 Mbit/s.</summary>
internal static class DyingWorld
{
    /// <summary>What the dying machine says on ttyS0, in the folder of the world.</summary>
    public const string Console = "server.log";

    /// <summary>Runs it.</summary>
    /// <param name="folder">For the machine file and the console.</param>
    /// <param name="dying">What is typed to the machine that is to die.</param>
    /// <param name="other">What is typed to the other.</param>
    /// <param name="until">The text that ends the run, of the machine that dies if nothing is typed to the other, else of that.</param>
    public static CliResult Run(string folder, string dying, string other, string until)
    {
        string machineFile = Path.Combine(folder, "world.toml");
        File.WriteAllText(Path.Combine(folder, "server.in"), dying);
        File.WriteAllText(Path.Combine(folder, "client.in"), other);
        const string client = """
            [[machines]]
            name = "client"
            image = "otherworld"
            memory = "64M"
            input = "client.in"

            """;
        string server = $"""
            [[machines]]
            name = "server"
            image = "otherworld"
            memory = "256M"
            disk.image = "{Images.Otherworld.Path(ImageRoles.Disk)}"
            append = "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 reboot=t otherworld virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00800:6"
            input = "server.in"
            console = "{Console}"

            """;
        // The first one is waited for.
        File.WriteAllText(machineFile, $"""
            [world]
            seed = 3

            {(other.Length == 0 ? server + client : client + server)}
            [[links]]
            between = ["server", "client"]
            latency = "200us"
            bandwidth = "10M"
            """);
        return Cli.RunIn(folder, "boot", "--machine", machineFile, "--until", until, "--limit", "60s", "--json");
    }
}
