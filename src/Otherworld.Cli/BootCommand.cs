using System.Collections;
using System.CommandLine;
using Emu.Core;
using Emu.Core.Host;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary><c>boot</c>: a kernel of your own on the emulated PC.</summary>
internal sealed class BootCommand
{
    private readonly Option<string?> _kernel = new("--kernel") { Description = "Linux bzImage, vmlinux with PVH note, or multiboot image.", HelpName = "FILE" };
    private readonly Option<string[]> _initrd = new("--initrd") { Description = "Initial RAM file system; a multiboot kernel takes several, as modules.", HelpName = "FILE" };
    private readonly Option<string?> _append = new("--append") { Description = "The kernel's command line.", HelpName = "TEXT" };
    private readonly Option<string?> _memory = new("--memory") { Description = "RAM, a multiple of 2M (512M unless the machine file says otherwise).", HelpName = "SIZE" };
    private readonly Option<string[]> _disk = new("--disk") { Description = "Raw disk image for /dev/vda, a second one for /dev/vdb; the file itself is never written to. With ,ro the guest cannot write.", HelpName = "FILE[,ro]" };
    private readonly Option<string?> _until = new("--until") { Description = "Stop when this text has appeared on the console; 1 if the guest ends without it.", HelpName = "TEXT" };
    private readonly Option<string?> _limit = new("--limit") { Description = "Stop with 124 after so many instructions (12_000_000) or so much guest time (250ms).", HelpName = "N|TIME" };
    private readonly Option<string?> _pace = new("--pace") { Description = "realtime: idle time passes as on a wall clock, the default at a terminal; max: it is skipped, the default otherwise.", HelpName = "realtime|max" };
    private readonly Option<string?> _machine = new("--machine") { Description = "Machine file; environment variables OTHERWORLD_SECTION__KEY and flags override it.", HelpName = "machine.toml" };
    private readonly Option<string?> _from = new("--from") { Description = "Continue a snapshot instead of booting.", HelpName = "SNAPSHOT" };
    private readonly Option<string?> _save = new("--save") { Description = "Save a snapshot where the run ends.", HelpName = "SNAPSHOT" };
    private readonly Option<string?> _record = CommonOptions.Record();
    private readonly Option<bool> _selfContained = CommonOptions.SelfContained();
    private readonly Option<ulong?> _seed = new("--seed") { Description = "Seed of everything random in the machine.", HelpName = "N" };
    private readonly Option<bool> _strict = new("--strict") { Description = "Stop with 1 at guest behaviour we do not know." };
    private readonly Option<string> _engine = CommonOptions.Engine();
    private readonly Option<string?> _lockstep = CommonOptions.Lockstep();
    private readonly Option<string?> _tty = CommonOptions.Tty();
    private readonly Option<string?> _console = new("--console") { Description = "With a machine file of several machines: the one whose console is this terminal (the first).", HelpName = "NAME" };
    private readonly Option<string?> _pcap = new("--pcap") { Description = "With a machine file of several machines: write the frames on their links to this file, as pcapng.", HelpName = "FILE" };
    private readonly DebuggerOptions _debugger = new(hasQmp: true);
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<bool> _verbose = CommonOptions.Verbose();

    private BootCommand()
    {
    }

    public static Command Create()
    {
        BootCommand verb = new();
        Command command = verb.Describe("boot", "Boot a kernel, or several machines that a machine file joins, with a serial console on this terminal. Ctrl-A x leaves.");
        command.Options.Add(verb._save);
        command.Options.Add(verb._console);
        command.Options.Add(verb._pcap);
        verb._debugger.AddTo(command);
        command.SetAction(parsed => verb.ReadWorld(parsed) is { } world
            ? new WorldRun(world).Run()
            : new BootRun(verb.Read(parsed) with { Debug = verb._debugger.Read(parsed) }).Run());
        return command;
    }

    /// <summary><c>snapshot save</c>: the same run, for the sake of its end.</summary>
    public static Command CreateSave()
    {
        BootCommand verb = new();
        Argument<string> file = new("SNAPSHOT") { Description = "File to write; its pages go to the folder 'pages' beside it." };
        Command command = verb.Describe("save", "Boot a kernel or continue a snapshot, run to --until or --limit, and save a snapshot there.");
        command.Arguments.Add(file);
        command.SetAction(parsed =>
        {
            BootOptions options = verb.Read(parsed);
            if (options.Until is null && options.Limit is null)
                throw new OtherworldException("snapshot save wants --until TEXT or --limit N|TIME: where to save.");
            return new BootRun(options with { Save = parsed.GetValue(file), SaveIsPurpose = true }).Run();
        });
        return command;
    }

    /// <summary>A verb that boots or continues what <c>boot</c> would, for another purpose.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">One sentence for people.</param>
    /// <param name="own">Options that only it has.</param>
    /// <param name="run">Gets the exit status; asks this for what was said.</param>
    public static Command CreateLike(string name, string description, Option[] own, Func<ParseResult, BootCommand, int> run)
    {
        BootCommand verb = new();
        Command command = verb.Describe(name, description);
        foreach (Option option in (Option[])[verb._until, verb._pace, verb._tty, verb._record, verb._selfContained, verb._lockstep])
            command.Options.Remove(option);
        foreach (Option option in own)
            command.Options.Add(option);
        command.SetAction(parsed => run(parsed, verb));
        return command;
    }

    /// <summary>What to boot or continue.</summary>
    /// <exception cref="OtherworldException">Nothing, or a value is no good.</exception>
    public BootOptions Read(ParseResult parsed)
    {
        string? from = parsed.GetValue(_from);
        string? kernel = parsed.GetValue(_kernel);
        if (kernel is null && from is null)
            throw new OtherworldException("boot wants --kernel FILE (or --from SNAPSHOT). See: ./otherworld boot --help");
        if (kernel is not null && from is not null)
            throw new OtherworldException("--kernel and --from exclude each other: a snapshot holds its kernel already.");
        if (from is not null && parsed.GetResult(_memory) is not null)
            throw new OtherworldException("--memory and --from exclude each other: a snapshot says what its machine is.");
        return new BootOptions
        {
            Kernel = kernel is null ? null : new KernelRequest
            {
                Kernel = FileBytes.Load(kernel, "kernel"),
                Modules = [.. parsed.GetValue(_initrd)!.Select(path => FileBytes.Load(path, "initrd"))],
                CommandLine = parsed.GetValue(_append) ?? "",
            },
            Settings = ReadSettings(parsed),
            Until = ReadUntil(parsed),
            Limit = ReadLimit(parsed),
            Pace = ReadPace(parsed),
            Tty = CommonOptions.ReadTty(parsed, _tty),
            From = from,
            Lockstep = CommonOptions.ReadLockstep(parsed, _lockstep, _engine),
            Save = parsed.GetValue(_save),
            Record = CommonOptions.ReadRecord(parsed, _record, _selfContained),
            SelfContained = parsed.GetValue(_selfContained),
            Json = parsed.GetValue(_json),
            Verbose = parsed.GetValue(_verbose),
        };
    }

    /// <summary>What counts for a recorded run too: how far, where its disk images are, and what runs it.</summary>
    /// <exception cref="OtherworldException">There is more: a run has its kernel and machine already.</exception>
    public (RunLimit? Limit, IReadOnlyList<DiskChoice> Disks, EngineKind? Engine, bool Json) ReadForRun(ParseResult parsed)
    {
        foreach (Option option in (Option[])[_kernel, _initrd, _append, _memory, _machine, _from, _seed, _strict])
        {
            if (parsed.GetResult(option) is { Implicit: false })
                throw new OtherworldException($"{option.Name} and RUN exclude each other: a recorded run holds its kernel and machine already.");
        }

        return (
            ReadLimit(parsed),
            [.. parsed.GetValue(_disk)!.Select(DiskChoice.Parse)],
            EngineChoice.Parse(parsed.GetRequiredValue(_engine)),
            parsed.GetValue(_json));
    }

    private Command Describe(string name, string description)
    {
        BootCommand verb = this;
        Command command = new(name, description);
        foreach (Option option in new Option[]
            { verb._kernel, verb._initrd, verb._append, verb._memory, verb._disk, verb._until, verb._limit, verb._pace, verb._tty, verb._machine, verb._from, verb._record, verb._selfContained, verb._seed, verb._strict, verb._engine, verb._lockstep, verb._json, verb._verbose })
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>What to do with several machines.</summary>
    /// <returns>Null when there is but one.</returns>
    /// <exception cref="OtherworldException">An option or the machine file is no good.</exception>
    private WorldOptions? ReadWorld(ParseResult parsed)
    {
        string? from = parsed.GetValue(_from);
        FileBytes? file = parsed.GetValue(_machine) is { } path ? FileBytes.Load(path, "machine file") : null;
        bool isSnapshot = from is not null && WorldManifest.IsIn(from);
        if (!isSnapshot && (file is null || !WorldFile.IsWorld(file)))
        {
            return parsed.GetValue(_console) is null && parsed.GetValue(_pcap) is null
                ? null
                : throw new OtherworldException("--console and --pcap are for several machines. Describe them in a machine file with [[machines]] and [[links]]: --machine FILE.");
        }

        Option[] forOne = [_kernel, _initrd, _append, _memory, _disk, _strict, _lockstep, _tty, isSnapshot ? _machine : _from, .. isSnapshot ? (Option[])[_seed] : []];
        if (Array.Find(forOne, option => parsed.GetResult(option) is { Implicit: false }) is { } given)
            throw new OtherworldException($"{given.Name} is for one machine, and these are several: {(isSnapshot ? "the snapshot says" : "the machine file says")} what each is.");
        if (_debugger.Read(parsed) is not null)
            throw new OtherworldException("--gdb is for one machine, and these are several. Record them with --record RUN, then: ./otherworld replay RUN/NAME --gdb");
        return new WorldOptions
        {
            Plan = isSnapshot ? null : WorldFile.Read(file!, ImageService.OfThisUser().FindOrBuild, parsed.GetValue(_seed)),
            From = from,
            Console = parsed.GetValue(_console),
            Until = ReadUntil(parsed),
            Limit = ReadLimit(parsed),
            Pace = ReadPace(parsed),
            Engine = parsed.GetResult(_engine) is { Implicit: false } ? EngineChoice.Parse(parsed.GetRequiredValue(_engine)) : null,
            Save = parsed.GetValue(_save),
            Record = CommonOptions.ReadRecord(parsed, _record, _selfContained),
            SelfContained = parsed.GetValue(_selfContained),
            Pcap = parsed.GetValue(_pcap),
            Json = parsed.GetValue(_json),
        };
    }

    private string? ReadUntil(ParseResult parsed) =>
        parsed.GetValue(_until) is { Length: 0 } ? throw new OtherworldException("--until wants a text.") : parsed.GetValue(_until);

    private RunLimit? ReadLimit(ParseResult parsed) => parsed.GetValue(_limit) is { } limit ? Quantity.ParseLimit(limit) : null;

    private Pace ReadPace(ParseResult parsed) => parsed.GetValue(_pace) switch
    {
        null => Console.IsInputRedirected ? Pace.Max : Pace.Realtime,
        "max" => Pace.Max,
        "realtime" => Pace.Realtime,
        string other => throw new OtherworldException($"'{other}' is not a pace. Write realtime or max."),
    };

    private MachineSettings ReadSettings(ParseResult parsed)
    {
        FileBytes? file = parsed.GetValue(_machine) is { } path ? FileBytes.Load(path, "machine file") : null;
        if (file is not null && WorldFile.IsWorld(file))
            throw new OtherworldException($"machine file '{file.Name}' describes several machines, and this verb runs one. They run with: ./otherworld boot --machine {file.Name}");
        MachineSettings settings = MachineSettingsReader.Read(file, AllVariables());
        if (parsed.GetValue(_memory) is { } memory)
            settings = settings with { MemorySize = Quantity.ParseSize(memory) };
        if (parsed.GetValue(_seed) is { } seed)
            settings = settings with { Seed = seed };
        if (parsed.GetValue(_strict))
            settings = settings with { Strict = true };
        if (parsed.GetResult(_engine) is { Implicit: false })
            settings = settings with { Engine = EngineChoice.Parse(parsed.GetRequiredValue(_engine)) };
        string[] disks = parsed.GetValue(_disk)!;
        if (disks.Length > 2)
            throw new OtherworldException($"{disks.Length} disks were given, the machine takes two.");
        if (disks.Length > 0)
            settings = settings with { Disk = DiskChoice.Parse(disks[0]) };
        if (disks.Length > 1)
            settings = settings with { SecondDisk = DiskChoice.Parse(disks[1]) };
        return settings;
    }

    private static IDictionary AllVariables() => Environment.GetEnvironmentVariables();
}
