using System.Diagnostics;

namespace Otherworld.Guest.Benchmarks;

/// <summary>The bench program as a plain process of the host.</summary>
/// <param name="program">The static program that is process 1 in a guest.</param>
/// <param name="version">The host, for people.</param>
internal sealed class NativeContender(string program, string version) : IContender
{
    /// <inheritdoc/>
    public string Name => ContenderNames.Native;

    /// <inheritdoc/>
    public string Version => version;

    /// <summary>Only where user code alone is measured: the host's kernel is another one.</summary>
    public bool TakesPartIn(BenchSuite suite, string item) => suite == BenchSuite.Compute;

    /// <inheritdoc/>
    public bool TellsTime => true;

    /// <inheritdoc/>
    public ProcessStartInfo Command(BenchLaunch launch) => new(program, launch.Words);
}
