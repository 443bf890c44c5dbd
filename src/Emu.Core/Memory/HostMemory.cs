using System.Runtime.InteropServices;

namespace Emu.Core.Memory;

/// <summary>Zeroed host memory outside the garbage-collected heap, with huge pages advised.</summary>
public static unsafe partial class HostMemory
{
    private const int ProtectRead = 1;
    private const int ProtectWrite = 2;
    private const int ProtectExecute = 4;
    private const int MapPrivate = 2;
    private const int MapAnonymous = 0x20;
    private const int MapNoReserve = 0x4000;
    private const int AdviseHugePage = 14;

    /// <summary>Maps <paramref name="size"/> bytes of zeroes, aligned to 4 KiB.</summary>
    /// <exception cref="OtherworldException">The host has no memory left.</exception>
    public static byte* Map(ulong size) => Allocate(size, ProtectRead | ProtectWrite);

    /// <summary>The same, for generated code.</summary>
    /// <exception cref="OtherworldException">The host has no memory left, or forbids memory that is writable and executable.</exception>
    public static byte* MapExecutable(ulong size) => Allocate(size, ProtectRead | ProtectWrite | ProtectExecute);

    /// <summary>Gives back what <see cref="Map"/> returned.</summary>
    public static void Unmap(byte* address, ulong size) => Check.That(Munmap((nint)address, (nuint)size) == 0);

    private static byte* Allocate(ulong size, int protection)
    {
        nint address = Mmap(0, (nuint)size, protection, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
        if (address == -1)
            throw new OtherworldException($"the host gave no {size >> 20} MiB of memory (errno {Marshal.GetLastPInvokeError()}). Use a smaller --memory or free some.", 3);
        if (size >= 2 << 20)
            _ = Madvise(address, (nuint)size, AdviseHugePage); // advice only: an old kernel may refuse it
        return (byte*)address;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(nint address, nuint length, int advice);
}
