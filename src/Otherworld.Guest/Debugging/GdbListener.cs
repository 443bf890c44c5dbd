using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Emu.Core;

namespace Otherworld.Guest.Debugging;

/// <summary>Where debuggers connect: a port of the loopback interface, or a socket in the file system.</summary>
public sealed class GdbListener : IDisposable
{
    /// <summary>The port QEMU has made a habit.</summary>
    public const int DefaultPort = 1234;

    private const string UnixPrefix = "unix:";
    private static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly string? _path;

    private GdbListener(Socket socket, string? path)
    {
        _socket = socket;
        _path = path;
    }

    /// <summary>What to type into gdb.</summary>
    public string Address => _path ?? string.Create(CultureInfo.InvariantCulture, $"localhost:{((IPEndPoint)_socket.LocalEndPoint!).Port}");

    /// <summary>Listens.</summary>
    /// <param name="where">A port (0 for any that is free), <c>unix:PATH</c>, or null for <see cref="DefaultPort"/>.</param>
    /// <exception cref="OtherworldException">That is no such thing, or it is in use.</exception>
    public static GdbListener Open(string? where)
    {
        string? path = where?.StartsWith(UnixPrefix, StringComparison.Ordinal) == true ? where[UnixPrefix.Length..] : null;
        ushort port = DefaultPort;
        if (path is { Length: 0 } || (path is null && where is not null && !ushort.TryParse(where, NumberStyles.None, CultureInfo.InvariantCulture, out port)))
            throw new OtherworldException($"--gdb={where}: wanted is a port, for example --gdb=1234, or --gdb=unix:PATH.");
        var socket = new Socket(path is null ? AddressFamily.InterNetwork : AddressFamily.Unix, SocketType.Stream, path is null ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            socket.Bind(path is null ? new IPEndPoint(IPAddress.Loopback, port) : new UnixDomainSocketEndPoint(path));
            socket.Listen(1);
            return new GdbListener(socket, path);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new OtherworldException($"no debugger can connect to '{path ?? port.ToString(CultureInfo.InvariantCulture)}': {e.Message}. Give another one: --gdb=PORT or --gdb=unix:PATH.", 3);
        }
    }

    /// <summary>Takes a debugger that has connected.</summary>
    /// <param name="wait">How long to wait for one.</param>
    /// <returns>Null when there is none.</returns>
    internal GdbConnection? Accept(TimeSpan wait)
    {
        if (!_socket.Poll(wait, SelectMode.SelectRead))
            return null;
        try
        {
            Socket client = _socket.Accept();
            if (_path is null)
                client.NoDelay = true;
            client.SendTimeout = (int)LongestSend.TotalMilliseconds;
            return new GdbConnection(new NetworkStream(client, ownsSocket: true));
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
