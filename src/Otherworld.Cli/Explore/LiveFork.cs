using System.IO.Pipelines;
using Emu.Core;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli.Explore;

/// <summary>A live run that was forked from a recorded one: a machine of its own, on a thread of its own, recorded, with its console in the browser.</summary>
internal sealed class LiveFork : IAsyncDisposable
{
    private const ulong MostTicksToKernel = 1_000_000_000;

    private readonly GuestMachine _guest;
    private readonly RunRecorder _recorder;
    private readonly StreamSource _keyboard;
    private readonly Pipe _keys = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    /// <param name="guest">Stands where it was forked; disposed with the fork.</param>
    /// <param name="console">Where its ttyS0 goes.</param>
    /// <param name="recorder">Records it; disposed with the fork.</param>
    /// <param name="path">The recording's folder.</param>
    /// <param name="fault">How its kernel is killed; null for not at all.</param>
    /// <param name="symbols">Its kernel's.</param>
    public LiveFork(GuestMachine guest, ConsoleFeed console, RunRecorder recorder, string path, PanicKind? fault, SymbolTable? symbols)
    {
        _guest = guest;
        _recorder = recorder;
        Console = console;
        Path = path;
        _keyboard = new StreamSource(_keys.Reader.AsStream());
        _running = Task.Factory.StartNew(() => Run(fault, symbols), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What its ttyS0 says.</summary>
    public ConsoleFeed Console { get; }

    /// <summary>The recording's folder.</summary>
    public string Path { get; }

    /// <summary>How it ended; null while it runs.</summary>
    public string? Outcome { get; private set; }

    /// <summary>Types something into ttyS0.</summary>
    public async Task Type(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => await _keys.Writer.WriteAsync(bytes, cancellation).ConfigureAwait(false);

    /// <summary>Ends it, if it still runs; its recording is whole then.</summary>
    public async Task End()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await End().ConfigureAwait(false);
        await _keys.Writer.CompleteAsync().ConfigureAwait(false);
        _keyboard.Dispose();
        _guest.Dispose();
        _end.Dispose();
    }

    private void Run(PanicKind? fault, SymbolTable? symbols)
    {
        try
        {
            Outcome = Go(fault, symbols);
            _recorder.Finish();
        }
        catch (Exception e) when (e is OtherworldException or IOException)
        {
            Outcome = e.Message;
        }
        finally
        {
            _recorder.Dispose();
            Console.End();
        }
    }

    private string Go(PanicKind? fault, SymbolTable? symbols)
    {
        if (fault is { } kind)
        {
            if (!new KernelEntry(_guest).Reach(MostTicksToKernel))
                return "the kernel did not run any more: no fault was injected";
            new PanicInjector(_guest, symbols!).Apply(kind);
        }

        ConsoleSession session = new(_guest.Machine, Pace.Realtime, _keyboard, []);
        RunResult result = session.Run(ulong.MaxValue, _end.Token);
        return session.Quit || _end.IsCancellationRequested ? "ended here" : $"the guest ended: {result.Reason}";
    }
}
