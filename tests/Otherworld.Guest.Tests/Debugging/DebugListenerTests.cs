using System.Net.Sockets;
using Emu.Core;
using Otherworld.Guest.Debugging;

namespace Otherworld.Guest.Tests.Debugging;

/// <summary>Where debuggers connect by a socket in the file system.</summary>
public sealed class DebugListenerTests
{
    private string _path = string.Empty;

    [SetUp]
    public void Choose() => _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [TearDown]
    public void Remove() => File.Delete(_path);

    [Test]
    public void A_socket_that_a_killed_program_left_is_replaced()
    {
        using (Socket killed = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(_path + ".bound"));
            File.Move(_path + ".bound", _path); // closing removes the name it was bound to
        }

        using var listener = DebugListener.Open("--gdb", "unix:" + _path, 1234);
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(_path));
    }

    [Test]
    public void A_socket_that_somebody_listens_to_stays()
    {
        using var first = DebugListener.Open("--gdb", "unix:" + _path, 1234);
        Assert.That(() => DebugListener.Open("--gdb", "unix:" + _path, 1234), Throws.TypeOf<OtherworldException>());
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(_path));
    }

    [Test]
    public void A_file_stays()
    {
        File.WriteAllText(_path, "of the user's");
        Assert.That(() => DebugListener.Open("--gdb", "unix:" + _path, 1234), Throws.TypeOf<OtherworldException>());
        Assert.That(File.ReadAllText(_path), Is.EqualTo("of the user's"));
    }
}
