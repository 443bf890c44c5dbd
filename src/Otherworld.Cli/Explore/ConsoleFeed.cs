using Emu.Core.Devices;

namespace Otherworld.Cli.Explore;

/// <summary>What a running guest says, for one who listens from another thread, now or later.</summary>
internal sealed class ConsoleFeed : IByteSink
{
    private readonly Lock _lock = new();
    private readonly List<byte> _bytes = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _bytes.AddRange(bytes);
            Pulse();
        }
    }

    /// <summary>Nothing more will come.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Pulse();
        }
    }

    /// <summary>What was said from a position on; waits until there is something.</summary>
    /// <returns>Empty at the end.</returns>
    public async Task<byte[]> After(int position, CancellationToken cancellation)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_bytes.Count > position || _ended)
                    return [.. _bytes[position..]];
                more = _more.Task;
            }

            await more.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Pulse()
    {
        _more.TrySetResult();
        _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
