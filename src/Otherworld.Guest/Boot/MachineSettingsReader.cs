using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Emu.Core;
using Emu.Core.Devices.Network;
using Otherworld.Guest.Elf;
using Tomlyn;
using Tomlyn.Model;

namespace Otherworld.Guest.Boot;

/// <summary>Fills <see cref="MachineSettings"/>: defaults, then <c>machine.toml</c>, then <c>OTHERWORLD_SECTION__KEY</c>; flags come after, from the command line.</summary>
public static class MachineSettingsReader
{
    private const string Prefix = "OTHERWORLD_";

    /// <summary>Every key there is.</summary>
    public static IReadOnlyList<MachineSetting> All { get; } =
    [
        new("machine", "memory", "RAM, a multiple of 2M", s => Quantity.FormatSize(s.MemorySize), (s, v) => s with { MemorySize = Quantity.ParseSize(v) }),
        new("machine", "seed", "seed of everything random in the machine", s => Number(s.Seed), (s, v) => s with { Seed = Whole(v) }),
        new("machine", "rtc_epoch", "what the clock shows at power-on, seconds since 1970 UTC", s => Number((ulong)s.RtcEpoch), (s, v) => s with { RtcEpoch = (long)Math.Min(Whole(v), 253_402_300_799) }),
        new("machine", "strict", "stop at guest behaviour we do not know", s => Word(s.Strict), (s, v) => s with { Strict = Truth(v) }),
        new("watchdog", "timeout", "guest time without user mode or idle after which NMI is raised, 0 for never", s => Quantity.FormatTime(s.WatchdogTime), (s, v) => s with { WatchdogTime = Quantity.ParseTime(v) }),
        new("watchdog", "stay", "guest time in user mode or HLT without leaving it after which NMI is raised, 0 for never", s => Quantity.FormatTime(s.WatchdogStayTime), (s, v) => s with { WatchdogStayTime = Quantity.ParseTime(v) }),
        new("disk", "image", "raw image of /dev/vda, or FILE,ro; empty for none", s => s.Disk?.ToString() ?? "", (s, v) => s with { Disk = Image(v) }),
        new("disk", "second", "raw image of /dev/vdb, or FILE,ro; empty for none", s => s.SecondDisk?.ToString() ?? "", (s, v) => s with { SecondDisk = Image(v) }),
        new("virtio", "rng", "an entropy device", s => Word(s.Rng), (s, v) => s with { Rng = Truth(v) }),
        new("virtio", "console", "a virtio console (hvc0)", s => Word(s.Console), (s, v) => s with { Console = Truth(v) }),
        new("network", "cards", "addresses of network cards such as 02:00:00:00:00:01, with commas between; empty for none", s => string.Join(',', s.Cards), (s, v) => s with { Cards = CardsOf(v) }),
        new("host", "engine", "what runs the guest's instructions: auto, interpreter or translator", s => EngineChoice.Format(s.Engine), (s, v) => s with { Engine = EngineChoice.Parse(v) }),
    ];

    /// <summary>Reads file and environment over the defaults.</summary>
    /// <param name="file"><c>machine.toml</c>, or null for none.</param>
    /// <param name="environment">All variables of the process.</param>
    /// <exception cref="OtherworldException">A key is unknown (the nearest known one is named) or a value is none.</exception>
    public static MachineSettings Read(FileBytes? file, IDictionary environment)
    {
        MachineSettings settings = new();
        if (file is not null)
            settings = ApplyFile(settings, file);
        return ApplyEnvironment(settings, environment);
    }

    /// <summary>The effective settings as a machine file.</summary>
    public static string ToToml(MachineSettings settings)
    {
        StringBuilder text = new();
        foreach (IGrouping<string, MachineSetting> section in All.GroupBy(setting => setting.Section))
        {
            text.Append(CultureInfo.InvariantCulture, $"[{section.Key}]\n");
            foreach (MachineSetting setting in section)
            {
                string value = setting.Get(settings);
                bool bare = value is "true" or "false" || (value.Length != 0 && value.All(char.IsAsciiDigit));
                text.Append(CultureInfo.InvariantCulture, $"{setting.Key} = {(bare ? value : Quoted(value))}\n");
            }
        }

        return text.ToString();
    }

    private static MachineSettings ApplyFile(MachineSettings settings, FileBytes file)
    {
        TomlTable root = Parse(file);
        foreach ((string section, object content) in root)
        {
            if (content is not TomlTable table)
                throw new OtherworldException($"'{section}' in '{file.Name}' stands outside a section.{Nearest(section, All.Select(setting => setting.Name))}");
            foreach ((string key, object value) in table)
                settings = Apply(settings, $"{section}.{key}", Text(value, section, key, file), $"in '{file.Name}'");
        }

        return settings;
    }

    /// <summary>A machine file as TOML.</summary>
    /// <exception cref="OtherworldException">It is none.</exception>
    internal static TomlTable Parse(FileBytes file)
    {
        try
        {
            return TomlSerializer.Deserialize(Encoding.UTF8.GetString(file.Span), MachineToml.Default.TomlTable) ?? [];
        }
        catch (Exception e) when (e is TomlException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new OtherworldException($"machine file '{file.Name}' is not TOML: {(e.InnerException ?? e).Message.ReplaceLineEndings(" ").Trim()}");
        }
    }

    private static MachineSettings ApplyEnvironment(MachineSettings settings, IDictionary environment)
    {
        SortedDictionary<string, string> ours = new(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in environment)
        {
            string name = (string)entry.Key;
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.Contains("__", StringComparison.Ordinal))
                ours.Add(name, (string?)entry.Value ?? "");
        }

        foreach ((string name, string value) in ours)
        {
            MachineSetting? setting = All.FirstOrDefault(setting => setting.Variable == name)
                ?? throw new OtherworldException($"environment variable {name} names no setting.{Nearest(name, All.Select(known => known.Variable))}");
            settings = Apply(settings, setting.Name, value, $"in {name}");
        }

        return settings;
    }

    /// <summary>The settings with one of them changed.</summary>
    /// <param name="settings">Before.</param>
    /// <param name="name">Section and key.</param>
    /// <param name="value">As text.</param>
    /// <param name="where">For a message.</param>
    /// <exception cref="OtherworldException">The key is unknown or the value is none.</exception>
    internal static MachineSettings Apply(MachineSettings settings, string name, string value, string where)
    {
        MachineSetting setting = All.FirstOrDefault(setting => setting.Name == name)
            ?? throw new OtherworldException($"unknown key '{name}' {where}.{Nearest(name, All.Select(known => known.Name))}");
        try
        {
            return setting.Set(settings, value);
        }
        catch (OtherworldException e)
        {
            throw new OtherworldException($"{name} {where}: {e.Message}");
        }
    }

    /// <summary>A value of the file as text.</summary>
    /// <exception cref="OtherworldException">It is a list or a table.</exception>
    internal static string Text(object value, string section, string key, FileBytes file) => value switch
    {
        string text => text,
        bool truth => Word(truth),
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new OtherworldException($"{section}.{key} in '{file.Name}' is neither text, number nor true/false."),
    };

    /// <summary>Advice for a name that nobody knows.</summary>
    internal static string Nearest(string name, IEnumerable<string> known)
    {
        string best = known.MinBy(candidate => Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant()))!;
        return $" The nearest known one is '{best}'.";
    }

    /// <summary>Levenshtein's distance, on one row.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }

    private static DiskChoice? Image(string text) => text.Length == 0 ? null : DiskChoice.Parse(text);

    private static ImmutableArray<MacAddress> CardsOf(string text)
    {
        ImmutableArray<MacAddress> cards = text.Length == 0 ? [] : [.. text.Split(',').Select(card => MacAddress.Parse(card.Trim()))];
        return cards.Length <= MachineSettings.MostCards
            ? cards
            : throw new OtherworldException($"{cards.Length} network cards were given, the machine takes {MachineSettings.MostCards}.");
    }

    private static string Quoted(string text) => '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Word(bool value) => value ? "true" : "false";

    /// <summary>A whole number.</summary>
    /// <exception cref="OtherworldException">It is none.</exception>
    internal static ulong Whole(string text) =>
        ulong.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? value : throw new OtherworldException($"'{text}' is not a whole number.");

    private static bool Truth(string text) => text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new OtherworldException($"'{text}' is neither true nor false."),
    };
}
