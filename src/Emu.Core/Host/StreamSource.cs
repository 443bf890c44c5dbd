using System.Buffers;
using System.IO.Pipelines;

namespace Emu.Core.Host;

/// <summary>Reads a host stream on a task of the thread pool into a pipe; the machine's thread takes what is there between slices of a run.</summary>
public sealed class StreamSource : IDisposable
{
    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false));
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _ended;
    private bool _disposed;

    /// <param name="stream">What is read; not closed.</param>
    public StreamSource(Stream stream)
    {
        CancellationToken stop = _stop.Token; // now: the task may start when this is disposed already
        _ = Task.Run(() => Fill(stream, stop), CancellationToken.None);
    }

    /// <summary>The stream has ended and everything was taken.</summary>
    public bool Ended { get; private set; }

    /// <summary>Takes what has arrived, at most the length of <paramref name="destination"/>.</summary>
    /// <returns>Bytes taken; 0 when there are none now.</returns>
    public int Take(Span<byte> destination)
    {
        bool last = _ended;
        if (destination.IsEmpty || !_pipe.Reader.TryRead(out ReadResult result))
        {
            Ended |= last && !destination.IsEmpty;
            return 0;
        }

        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, destination.Length));
        taken.CopyTo(destination);
        int count = (int)taken.Length; // now: behind AdvanceTo the segments belong to the pipe again, and so does their length
        Ended = result.IsCompleted && count == result.Buffer.Length;
        _pipe.Reader.AdvanceTo(taken.End);
        return count;
    }

    /// <summary>Waits until something may have arrived.</summary>
    public void Wait(TimeSpan atMost) => _arrived.Wait(atMost);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task Fill(Stream stream, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                int count = await stream.ReadAsync(_pipe.Writer.GetMemory(), stop).ConfigureAwait(false);
                if (count == 0)
                    break;
                _pipe.Writer.Advance(count);
                await _pipe.Writer.FlushAsync(stop).ConfigureAwait(false);
                _arrived.Release();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The terminal went away, or the run is over: the same as the end of the stream.
        }

        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        _ended = true;
        _arrived.Release();
    }
}
