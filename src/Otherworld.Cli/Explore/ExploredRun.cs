using Emu.Core;
using Otherworld.Guest.Exploring;
using Otherworld.Guest.Runs;

namespace Otherworld.Cli.Explore;

/// <summary>A run that is on show. Its machine is one: who wants something of it waits for who came before.</summary>
internal sealed class ExploredRun : IAsyncDisposable
{
    private readonly RunExplorer _explorer;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _learning;

    /// <exception cref="OtherworldException">The run cannot be replayed.</exception>
    public ExploredRun(string path, ExploreOptions options)
    {
        Path = path;
        _explorer = new RunExplorer(RunFolder.Open(path), options.Disks, options.Symbols, options.CheckpointMemory, options.Engine);
        _learning = Task.Run(Learn);
    }

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>Why it could not be replayed to its end; null when it could, or is not there yet.</summary>
    public string? Problem { get; private set; }

    /// <summary>Asks it something, when it is one's turn.</summary>
    public async Task<T> Ask<T>(Func<RunExplorer, T> question)
    {
        await _turn.WaitAsync(_end.Token).ConfigureAwait(false);
        try
        {
            return question(_explorer);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _learning.ConfigureAwait(false);
        _explorer.Dispose();
        _turn.Dispose();
        _end.Dispose();
    }

    /// <summary>Replays the run once, piece by piece, so that others get their turn between.</summary>
    private async Task Learn()
    {
        try
        {
            while (await Ask(explorer => explorer.Learn()).ConfigureAwait(false))
                await Task.Yield();
        }
        catch (OtherworldException e)
        {
            Problem = e.Message;
        }
        catch (OperationCanceledException)
        {
            // The page is closed.
        }
    }
}
