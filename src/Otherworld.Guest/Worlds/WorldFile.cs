using System.Collections.Immutable;
using System.Globalization;
using Emu.Core;
using Emu.Core.Devices.Network;
using Emu.Core.Worlds;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;
using Tomlyn.Model;

namespace Otherworld.Guest.Worlds;

/// <summary>Reads a machine file that describes several machines and the links between them. Described in docs/worlds.md.</summary>
public sealed class WorldFile
{
    private const string World = "world";
    private const string Machines = "machines";
    private const string Links = "links";

    private static readonly string[] Sections = [World, Machines, Links];
    private static readonly string[] WorldKeys = ["seed", "quantum"];
    private static readonly string[] MachineKeys = ["name", "image", "kernel", "initrd", "append", "console", "input"];
    private static readonly string[] LinkKeys = ["between", "latency", "bandwidth", "loss"];

    private readonly FileBytes _file;
    private readonly TomlTable _root;
    private readonly Func<string, GuestImage> _findImage;

    private WorldFile(FileBytes file, TomlTable root, Func<string, GuestImage> findImage)
    {
        _file = file;
        _root = root;
        _findImage = findImage;
    }

    /// <summary>The file describes several machines, not the settings of one.</summary>
    /// <exception cref="OtherworldException">It is not TOML.</exception>
    public static bool IsWorld(FileBytes file) => MachineSettingsReader.Parse(file).Keys.Any(key => Sections.Contains(key, StringComparer.Ordinal));

    /// <summary>Reads it.</summary>
    /// <param name="file">The file; paths in it start from the current folder.</param>
    /// <param name="findImage">Finds a guest image by name.</param>
    /// <param name="seed">Replaces the seed of the file, or null.</param>
    /// <exception cref="OtherworldException">Something in it is unknown, missing or makes no sense.</exception>
    public static WorldPlan Read(FileBytes file, Func<string, GuestImage> findImage, ulong? seed = null) =>
        new WorldFile(file, MachineSettingsReader.Parse(file), findImage).Read(seed);

    private WorldPlan Read(ulong? seed)
    {
        CheckKeys(_root, "the file", Sections);
        TomlTable world = _root.TryGetValue(World, out object? section) ? section as TomlTable ?? throw Wrong($"'{World}' is no section: write [{World}]") : [];
        CheckKeys(world, World, WorldKeys);
        ulong worldSeed = seed ?? (Optional(world, World, "seed") is { } text ? Said($"{World}.seed", () => MachineSettingsReader.Whole(text)) : 1);
        ImmutableArray<LinkDescription> links = [.. Tables(Links).Select(ReadLink)];
        ImmutableArray<MachinePlan> machines = [.. Tables(Machines).Select((table, index) => ReadMachine(table, index, worldSeed, links))];
        if (machines.IsEmpty)
            throw Wrong($"there is no [[{Machines}]] in it");
        return new WorldPlan
        {
            Seed = worldSeed,
            Quantum = Optional(world, World, "quantum") is { } quantum ? Said($"{World}.quantum", () => Quantity.ParseTime(quantum)) : 0,
            Machines = machines,
            Links = links,
        };
    }

    private MachinePlan ReadMachine(TomlTable table, int index, ulong worldSeed, ImmutableArray<LinkDescription> links)
    {
        string name = Optional(table, Machines, "name") ?? throw Wrong($"machine {index + 1} has no name");
        if (name.Length is 0 or > 32 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            throw Wrong($"'{name}' is no name for a machine: write 1 to 32 letters, digits, - or _");
        GuestImage? image = Optional(table, name, "image") is { } wanted ? _findImage(wanted) : null;
        string kernel = Optional(table, name, "kernel") ?? image?.Path(image.Manifest.Files.ContainsKey(ImageRoles.Vmlinux) ? ImageRoles.Vmlinux : ImageRoles.Kernel)
            ?? throw Wrong($"machine '{name}' has neither kernel nor image");
        string? initrd = Optional(table, name, "initrd") ?? image?.Path(ImageRoles.Initramfs);
        return new MachinePlan
        {
            Name = name,
            Settings = ReadSettings(table, name, new MachineSettings { Seed = worldSeed + (ulong)index, Cards = Cards(name, index, links) }),
            Kernel = kernel,
            Initrds = initrd is null ? [] : [initrd],
            CommandLine = Optional(table, name, "append"),
            Console = Optional(table, name, "console"),
            Input = Optional(table, name, "input"),
        };
    }

    /// <summary>Keys of the section <c>machine</c> stand in the table itself, those of other sections behind the section's name: <c>disk.image</c>.</summary>
    private MachineSettings ReadSettings(TomlTable table, string name, MachineSettings settings)
    {
        string where = $"of machine '{name}' in '{_file.Name}'";
        foreach ((string key, object value) in table.Where(entry => !MachineKeys.Contains(entry.Key, StringComparer.Ordinal)))
        {
            if (key == "network")
                throw Wrong($"machine '{name}' has network cards by the [[{Links}]] that name it");
            if (value is not TomlTable section)
            {
                if (MachineSettingsReader.All.All(setting => setting.Name != $"machine.{key}"))
                    throw Wrong($"unknown key '{key}' of machine '{name}'.{MachineSettingsReader.Nearest(key, MachineKeys.Concat(MachineSettingsReader.All.Where(setting => setting.Section == "machine").Select(setting => setting.Key)))}");
                settings = MachineSettingsReader.Apply(settings, $"machine.{key}", MachineSettingsReader.Text(value, name, key, _file), where);
                continue;
            }

            foreach ((string inner, object content) in section)
                settings = MachineSettingsReader.Apply(settings, $"{key}.{inner}", MachineSettingsReader.Text(content, key, inner, _file), where);
        }

        return settings;
    }

    /// <summary>One card for each link, with an address that says which link and which machine it belongs to.</summary>
    private ImmutableArray<MacAddress> Cards(string name, int machine, ImmutableArray<LinkDescription> links)
    {
        int[] own = [.. Enumerable.Range(0, links.Length).Where(link => links[link].Between.Contains(name))];
        if (own.Length > MachineSettings.MostCards)
            throw Wrong($"{own.Length} links lead to machine '{name}', it takes {MachineSettings.MostCards}");
        return [.. own.Select(link => new MacAddress(0x0200_0000_0000 + (((ulong)link + 1) << 8) + (ulong)machine + 1))];
    }

    private LinkDescription ReadLink(TomlTable table, int index)
    {
        string where = $"link {index + 1}";
        CheckKeys(table, where, LinkKeys);
        if (!table.TryGetValue("between", out object? between) || between is not TomlArray names || !names.All(name => name is string))
            throw Wrong($"{where} does not say which machines it joins: write between = [\"one\", \"other\"]");
        var plain = new LinkDescription { Between = [.. names.Cast<string>()] };
        return plain with
        {
            Latency = Optional(table, where, "latency") is { } latency ? Said($"the latency of {where}", () => Quantity.ParseTime(latency)) : plain.Latency,
            Bandwidth = Optional(table, where, "bandwidth") is { } bandwidth ? Said($"the bandwidth of {where}", () => Quantity.ParseBitRate(bandwidth)) : plain.Bandwidth,
            Loss = Optional(table, where, "loss") is { } loss ? Said($"the loss of {where}", () => ParseLoss(loss)) : 0,
        };
    }

    /// <summary>Reads a share of frames, 0 to 1, as so many of <see cref="LinkDescription.LossUnit"/>.</summary>
    /// <exception cref="OtherworldException">It is none.</exception>
    public static uint ParseLoss(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal share) && share is >= 0 and <= 1
            ? (uint)Math.Round(share * LinkDescription.LossUnit)
            : throw new OtherworldException($"'{text}' is no share of the frames. Write a number from 0 to 1, for example 0.01.");

    private IEnumerable<TomlTable> Tables(string name) => !_root.TryGetValue(name, out object? value) ? []
        : value as IEnumerable<TomlTable> ?? throw Wrong($"'{name}' is no list of sections: write [[{name}]]");

    private string? Optional(TomlTable table, string section, string key) =>
        table.TryGetValue(key, out object? value) ? MachineSettingsReader.Text(value, section, key, _file) : null;

    private void CheckKeys(TomlTable table, string where, string[] known)
    {
        if (table.Keys.FirstOrDefault(key => !known.Contains(key, StringComparer.Ordinal)) is { } unknown)
            throw Wrong($"unknown key '{unknown}' of {where}.{MachineSettingsReader.Nearest(unknown, known)}");
    }

    private T Said<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (OtherworldException e)
        {
            throw Wrong($"{what}: {e.Message.TrimEnd('.')}");
        }
    }

    private OtherworldException Wrong(string why) => new($"machine file '{_file.Name}': {why}{(why.EndsWith('.') ? "" : ".")}");
}
