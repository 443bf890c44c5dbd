using Emu.Core;

namespace Otherworld.Guest.Debugging;

/// <summary>Where gdb connects.</summary>
public sealed class GdbListener : IDisposable
{
    /// <summary>The port QEMU has made a habit.</summary>
    public const int DefaultPort = 1234;

    private readonly DebugListener _listener;

    private GdbListener(DebugListener listener) => _listener = listener;

    /// <summary>What to type into gdb.</summary>
    public string Address => _listener.Address;

    /// <summary>Listens.</summary>
    /// <param name="where">A port (0 for any that is free), <c>unix:PATH</c>, or null for <see cref="DefaultPort"/>.</param>
    /// <exception cref="OtherworldException">That is no such thing, or it is in use.</exception>
    public static GdbListener Open(string? where) => new(DebugListener.Open("--gdb", where, DefaultPort));

    /// <summary>Takes a debugger that has connected.</summary>
    /// <param name="wait">How long to wait for one.</param>
    /// <returns>Null when there is none.</returns>
    internal GdbConnection? Accept(TimeSpan wait) => _listener.Accept(wait) is { } stream ? new GdbConnection(stream) : null;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
