using System.Collections.Immutable;

namespace Otherworld.Guest.Benchmarks;

/// <summary>What a contender is asked to start. Every emulator gets the same kernel, root, disk and command line.</summary>
/// <param name="Kernel">An image with a PVH note, or a bzImage.</param>
/// <param name="Initramfs">The root with the bench program as process 1; null for a kernel without one.</param>
/// <param name="Disk">Raw disk image, read only, or null.</param>
/// <param name="CommandLine">For the kernel, items included.</param>
/// <param name="Words">For the bench program as a plain process: the same items.</param>
internal sealed record BenchLaunch(string Kernel, string? Initramfs, string? Disk, string CommandLine, ImmutableArray<string> Words);
