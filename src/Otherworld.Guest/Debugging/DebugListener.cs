using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Emu.Core;

namespace Otherworld.Guest.Debugging;

/// <summary>Where programs that look at a guest connect: a port of the loopback interface, or a socket in the file system.</summary>
public sealed class DebugListener : IDisposable
{
    private const string UnixPrefix = "unix:";
    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly string? _path;

    private DebugListener(Socket socket, string? path)
    {
        _socket = socket;
        _path = path;
    }

    /// <summary>Where to connect: the path of the socket, or <c>localhost:PORT</c>.</summary>
    public string Address => _path ?? string.Create(CultureInfo.InvariantCulture, $"localhost:{((IPEndPoint)_socket.LocalEndPoint!).Port}");

    /// <summary>Listens.</summary>
    /// <param name="option">The option that asked for it, for messages.</param>
    /// <param name="where">A port (0 for any that is free), <c>unix:PATH</c>, or null for <paramref name="usualPort"/>.</param>
    /// <param name="usualPort">Where people expect it.</param>
    /// <exception cref="OtherworldException">That is no such thing, or it is in use.</exception>
    public static DebugListener Open(string option, string? where, ushort usualPort)
    {
        string? path = where?.StartsWith(UnixPrefix, StringComparison.Ordinal) == true ? where[UnixPrefix.Length..] : null;
        ushort port = usualPort;
        if (path is { Length: 0 } || (path is null && where is not null && !ushort.TryParse(where, NumberStyles.None, CultureInfo.InvariantCulture, out port)))
            throw new OtherworldException($"{option}={where}: wanted is a port, for example {option}={usualPort}, or {option}=unix:PATH.");
        var socket = new Socket(path is null ? AddressFamily.InterNetwork : AddressFamily.Unix, SocketType.Stream, path is null ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (path is not null)
                RemoveStale(path);
            socket.Bind(path is null ? new IPEndPoint(IPAddress.Loopback, port) : new UnixDomainSocketEndPoint(path));
            socket.Listen(1);
            return new DebugListener(socket, path);
        }
        catch (Exception e) when (e is SocketException or ArgumentException or IOException)
        {
            socket.Dispose();
            throw new OtherworldException($"no debugger can connect to '{path ?? port.ToString(CultureInfo.InvariantCulture)}': {e.Message}. Give another one: {option}=PORT or {option}=unix:PATH.", 3);
        }
    }

    /// <summary>Removes the socket that a killed program has left: one that nobody listens to any more. Whatever else is there stays, and Bind says so.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (IsSocket(path)) // a file refuses connections too
                File.Delete(path);
        }
    }

    /// <summary>Sockets are what cannot be opened for being no such device; for writing too, so that a pipe opens at once.</summary>
    private static bool IsSocket(string path)
    {
        const int enxio = 6;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == enxio;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Takes a program that has connected.</summary>
    /// <param name="wait">How long to wait for one.</param>
    /// <returns>Both directions; null when there is none.</returns>
    public Stream? Accept(TimeSpan wait)
    {
        if (!_socket.Poll(wait, SelectMode.SelectRead))
            return null;
        try
        {
            Socket client = _socket.Accept();
            if (_path is null)
                client.NoDelay = true;
            client.SendTimeout = (int)LongestSend.TotalMilliseconds;
            return new NetworkStream(client, ownsSocket: true);
        }
        catch (SocketException)
        {
            return null; // gone before it was there
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        if (_path is not null)
            File.Delete(_path);
    }
}
