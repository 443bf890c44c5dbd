using System.Buffers;
using System.IO.Pipelines;
using Emu.Core.Devices;

namespace Emu.Core.Host;

/// <summary>Sends bytes to a host stream: the machine writes into a pipe, a task of the thread pool drains it. A finished line is on its way at
/// once. The machine waits only when the stream is a megabyte behind.</summary>
public sealed class StreamSink : IByteSink, IDisposable
{
    private const int Backlog = 1 << 20;
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: Backlog, resumeWriterThreshold: Backlog / 2, useSynchronizationContext: false));
    private readonly Task _pump;
    private int _unflushed;

    /// <param name="stream">Where the bytes go; not closed.</param>
    public StreamSink(Stream stream) => _pump = Task.Run(() => Drain(_pipe.Reader, stream));

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _pipe.Writer.Write(bytes);
        _unflushed += bytes.Length;
        if (_unflushed >= Backlog / 16 || bytes.Contains((byte)'\n'))
            Flush();
    }

    /// <summary>Lets the stream see what was written. Called between slices of a run.</summary>
    public void Flush()
    {
        if (_unflushed == 0)
            return;
        _unflushed = 0;
        ValueTask<FlushResult> flush = _pipe.Writer.FlushAsync();
        if (!flush.IsCompleted)
            flush.AsTask().Wait();
    }

    /// <summary>Flushes and waits until the stream has taken everything.</summary>
    public void Dispose()
    {
        Flush();
        _pipe.Writer.Complete();
        _pump.Wait();
    }

    private static async Task Drain(PipeReader reader, Stream stream)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            try
            {
                foreach (ReadOnlyMemory<byte> part in result.Buffer)
                    await stream.WriteAsync(part).ConfigureAwait(false);
                await stream.FlushAsync().ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The other end is gone (a closed pipe): the guest's output has nowhere to go, which is no reason to stop it.
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }

        await reader.CompleteAsync().ConfigureAwait(false);
    }
}
