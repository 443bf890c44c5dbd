using System.Collections.Immutable;
using System.Globalization;
using Emu.Core;
using Emu.X86;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Benchmarks;

/// <summary>
/// One bench: every run starts every contender for every suite, one after the other, so that a busy moment of the host falls on all of them.
/// </summary>
public sealed class BenchRun : IDisposable
{
    private const string Memory = "256M";
    private const ulong MemorySize = 256UL << 20;

    // The same for every emulator: the first virtio slot of both machines is the same address and interrupt.
    private const string CommandLine = "console=ttyS0 quiet panic=-1 reboot=t nokaslr mitigations=off";
    private const string DiskOnTheCommandLine = "virtio_mmio.device=512@0xfeb00000:5";

    private readonly BenchOptions _options;
    private readonly BenchLog _log = new();
    private readonly List<IContender> _contenders = [];
    private readonly SortedDictionary<string, long> _ownMemory = new(StringComparer.Ordinal);
    private readonly GuestProgram _program;
    private readonly GuestImage _image;
    private readonly GuestImage? _stock;
    private readonly GuestImage? _debian;

    /// <summary>Finds or makes what is needed.</summary>
    /// <exception cref="OtherworldException">Images or compiler are missing and cannot be had; a contender that is missing is only reported.</exception>
    public BenchRun(BenchOptions options)
    {
        _options = options;
        ImageService images = ImageService.OfThisUser();
        _image = images.FindOrBuild("otherworld");
        _stock = options.Suites.Contains(BenchSuite.Boot) ? images.FindOrBuild("stock") : null;
        _debian = options.Suites.Contains(BenchSuite.Campaign) ? images.FindOrBuild("debian") : null;
        _program = GuestProgram.FindOrBuild(Path.Combine(images.Cache.Root, "bench"), GuestProgram.FindSources(), options.Progress);
        AddContenders();
    }

    /// <summary>Who takes part, with versions.</summary>
    public IReadOnlyDictionary<string, string> Contenders => _contenders.ToDictionary(contender => contender.Name, contender => contender.Version);

    /// <summary>Measures.</summary>
    public BenchReport Run()
    {
        for (int run = 1; run <= _options.Runs; run++)
        {
            foreach (BenchSuite suite in _options.Suites.Where(suite => suite != BenchSuite.Campaign))
            {
                foreach (IContender contender in _contenders.Where(contender => suite.Items.Any(item => contender.TakesPartIn(suite, item))))
                {
                    long start = _options.Time.GetTimestamp();
                    Measure(suite, contender);
                    double seconds = _options.Time.GetElapsedTime(start).TotalSeconds;
                    _options.Progress(string.Create(CultureInfo.InvariantCulture, $"run {run} of {_options.Runs}, {suite.Name}: {contender.Name} took {seconds:F1} s"));
                }
            }
        }

        return new BenchReport
        {
            Items = _log.Finish(_options.Suites),
            Failures = [.. _log.Failures],
            Contenders = Contenders.ToImmutableSortedDictionary(StringComparer.Ordinal),
            OwnMemory = _ownMemory.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Campaign = _debian is null ? null : new CampaignBench(_options, _debian).Run(),
            Host = HostDescription.Read(),
            Commit = _options.Commit,
            Images = [.. new[] { _image, _stock, _debian }.OfType<GuestImage>().Select(image => image.Identity), $"bench/{_program.Hash}"],
            Runs = _options.Runs,
            Divisor = _options.Divisor,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable contender in _contenders.OfType<IDisposable>())
            contender.Dispose();
    }

    private void AddContenders()
    {
        if (_options.Against.Contains("native"))
            _contenders.Add(new NativeContender(_program.Program, HostDescription.Processor()));
        _contenders.Add(new OtherworldContender(ContenderNames.Ours, _options.Self, _options.Commit, Memory, _options.Engine));
        if (_options.Against.Contains("interpreter"))
            _contenders.Add(new OtherworldContender(ContenderNames.OursInterpreter, _options.Self, _options.Commit, Memory, EngineKind.Interpreter));
        if (_options.Against.Contains("qemu"))
            AddQemu();
        if (_options.Against.Contains("bochs"))
            AddBochs();
    }

    private void AddQemu()
    {
        try
        {
            string program = _options.Qemu ?? HostTool.FindOrInstall("qemu-system-x86_64", "qemu-system-x86", _options.Progress);
            (int status, string output) = HostTool.Run(program, ["--version"]);
            if (status != 0)
                throw new OtherworldException($"'{program} --version' ended with {status}.", 3);
            string version = output.Split('\n')[0].Trim();
            _contenders.Add(new QemuContender(program, $"{version}, -accel tcg", Memory, deterministic: false));
            _contenders.Add(new QemuContender(program, $"{version}, -icount shift=0,sleep=off", Memory, deterministic: true));
        }
        catch (OtherworldException problem)
        {
            _log.Fail(new BenchFailure("", "", ContenderNames.Qemu, problem.Message));
        }
    }

    private void AddBochs()
    {
        try
        {
            string program = HostTool.FindOrInstall("bochs", BochsContender.Packages, _options.Progress);
            _ = HostTool.FindOrInstall(BochsContender.VideoFirmware, BochsContender.Packages, _options.Progress);
            string discMaker = HostTool.FindOrInstall("grub-mkrescue", BochsContender.Packages, _options.Progress);
            _contenders.Add(new BochsContender(program, discMaker, _program.Chain, MemorySize));
        }
        catch (OtherworldException problem)
        {
            _log.Fail(new BenchFailure("", "", ContenderNames.Bochs, problem.Message));
        }
    }

    private void Measure(BenchSuite suite, IContender contender)
    {
        string[] items = [.. suite.Items.Where(item => (_options.Only.IsEmpty || _options.Only.Contains(item)) && contender.TakesPartIn(suite, item) && !_log.HasFailed(suite, item, contender.Name))];
        if (!suite.MeasuresStart)
        {
            MeasureInside(suite, contender, items);
            return;
        }

        foreach (string item in items)
        {
            ContenderRun run = Start(contender, LaunchOf(item));
            if (run.ReadySeconds is { } seconds && run.Failure is null)
                _log.Add(suite, contender.Name, new BenchSample(item, seconds));
            else
                _log.Fail(new BenchFailure(suite.Name, item, contender.Name, run.Failure ?? "it said nothing"));
        }
    }

    /// <summary>All items in one start. One that fails costs itself only: the rest is started anew.</summary>
    private void MeasureInside(BenchSuite suite, IContender contender, string[] items)
    {
        while (items.Length > 0)
        {
            ContenderRun run = Start(contender, LaunchOf(items));
            foreach (BenchSample sample in run.Samples)
                _log.Add(suite, contender.Name, sample);
            if (run.Failure is not { } failure)
                return;
            string failed = run.ReadySeconds is null || run.Samples.Count == items.Length ? "" : items[run.Samples.Count];
            _log.Fail(new BenchFailure(suite.Name, failed, contender.Name, failure));
            _options.Progress($"{contender.Name} failed in {suite.Name} {failed}: {failure}");
            items = failed.Length == 0 ? [] : items[(run.Samples.Count + 1)..];
        }
    }

    private ContenderRun Start(IContender contender, BenchLaunch launch)
    {
        ContenderRun run = new(contender.Command(launch), _options.Time, contender.TellsTime);
        run.Run(MemorySize);
        if (run.OwnMemory is { } bytes && run.Failure is null)
            _ownMemory[contender.Name] = bytes;
        return run;
    }

    private BenchLaunch LaunchOf(string start) => start switch
    {
        BenchSuite.FirstInstruction => new BenchLaunch(_program.StartKernel, null, null, "", []),
        BenchSuite.StockKernel => new BenchLaunch(_stock!.Path(ImageRoles.Kernel), _program.Initramfs, null, CommandLine, []),
        _ => new BenchLaunch(_image.Path(ImageRoles.Vmlinux), _program.Initramfs, null, CommandLine, []),
    };

    private BenchLaunch LaunchOf(string[] items)
    {
        ImmutableArray<string> words = ["run", .. _options.Divisor == 1 ? (string[])[] : [string.Create(CultureInfo.InvariantCulture, $"1/{_options.Divisor}")], .. items];
        string commandLine = $"{CommandLine} {DiskOnTheCommandLine} -- {string.Join(' ', words)}";
        return new BenchLaunch(_image.Path(ImageRoles.Vmlinux), _program.Initramfs, _image.Path(ImageRoles.Disk), commandLine, words);
    }
}
