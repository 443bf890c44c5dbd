using System.Runtime.InteropServices;

namespace Emu.X86.Tests.HostExecution;

/// <summary>Memory of the test process at chosen addresses.</summary>
internal static unsafe partial class HostMemory
{
    private const int Read = 1, Write = 2, Execute = 4, Private = 2, Anonymous = 0x20, FixedNoReplace = 0x100000;

    /// <summary>Maps zeroed pages at an address that must be free.</summary>
    internal static void Map(ulong address, int size, bool executable)
    {
        nint result = Mmap((nint)address, (nuint)size, Read | Write | (executable ? Execute : 0), Private | Anonymous | FixedNoReplace, -1, 0);
        Assert.That((ulong)result, Is.EqualTo(address), $"mmap at {address:x} (errno {Marshal.GetLastPInvokeError()})");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);
}
