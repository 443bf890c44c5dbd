using System.Globalization;
using Emu.Core;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Runs;

namespace Otherworld.Cli.Explore;

/// <summary>The runs on show, the first and those that were forked and opened since, and the forks that live.</summary>
/// <param name="options">What <c>explore</c> was asked to do.</param>
internal sealed class Exploration(ExploreOptions options) : IAsyncDisposable
{
    private readonly ExploreOptions _options = options;
    private readonly Lock _lock = new();
    private readonly List<ExploredRun> _runs = [];
    private readonly List<LiveFork> _forks = [];

    /// <summary>Puts a run on show.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="OtherworldException">It cannot be replayed.</exception>
    public int Open(string path)
    {
        lock (_lock)
        {
            int known = _runs.FindIndex(run => run.Path == path);
            if (known >= 0)
                return known;
            _runs.Add(new ExploredRun(path, _options));
            return _runs.Count - 1;
        }
    }

    /// <summary>A run by its number.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public ExploredRun Run(int number) => Find(_runs, number, "run");

    /// <summary>A fork by its number.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public LiveFork Fork(int number) => Find(_forks, number, "fork");

    /// <summary>Starts a live run at an instruction of a recorded one.</summary>
    /// <param name="number">Of the run.</param>
    /// <param name="icount">Where.</param>
    /// <param name="fault">How its kernel is killed there; null for not at all.</param>
    /// <returns>The fork's number.</returns>
    /// <exception cref="OtherworldException">It cannot be recorded, or the kernel's symbols are not known.</exception>
    public async Task<int> Start(int number, ulong icount, PanicKind? fault)
    {
        ExploredRun run = Run(number);
        ConsoleFeed console = new();
        (GuestMachine guest, Otherworld.Guest.Symbols.SymbolTable? symbols) = await run.Ask(explorer =>
            fault is not null && explorer.Symbols is null
                ? throw new OtherworldException("a fault is injected by the kernel's symbols, and they are not known. Give them with --symbols.")
                : (explorer.Fork(icount, new MachineOutputs { Serial0 = console }), explorer.Symbols)).ConfigureAwait(false);
        try
        {
            string path = FreePath();
            Emu.Core.Replay.RunRecorder recorder = RunFolder.Record(path, guest, BuildInfo.Commit, selfContained: false);
            lock (_lock)
            {
                _forks.Add(new LiveFork(guest, console, recorder, path, fault, symbols));
                return _forks.Count - 1;
            }
        }
        catch (OtherworldException)
        {
            guest.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (LiveFork fork in _forks)
            await fork.DisposeAsync().ConfigureAwait(false);
        foreach (ExploredRun run in _runs)
            await run.DisposeAsync().ConfigureAwait(false);
    }

    private T Find<T>(List<T> all, int number, string what)
    {
        lock (_lock)
            return number >= 0 && number < all.Count ? all[number] : throw new OtherworldException(string.Create(CultureInfo.InvariantCulture, $"there is no {what} {number}. Load the page again."));
    }

    private string FreePath()
    {
        for (int i = 1; ; i++)
        {
            string path = Path.Combine(_options.Out, string.Create(CultureInfo.InvariantCulture, $"fork-{i}"));
            if (!Path.Exists(path))
                return path;
        }
    }
}
