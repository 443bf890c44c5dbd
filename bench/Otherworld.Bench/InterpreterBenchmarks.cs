using BenchmarkDotNet.Attributes;

namespace Otherworld.Bench;

/// <summary>One round of each compute kernel. The speed in instructions per second is in the table of <c>mips</c>.</summary>
[Config(typeof(QuickConfig))]
public class InterpreterBenchmarks : IDisposable
{
    private ComputeKernels _kernels = null!;

    /// <summary>Names of the kernels.</summary>
    public static IEnumerable<string> Names => ComputeKernels.Names;

    [ParamsSource(nameof(Names))]
    public string Kernel { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _kernels = new ComputeKernels();

    [GlobalCleanup]
    public void Cleanup() => _kernels.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        Cleanup();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public ulong Round() => _kernels.Run(Array.IndexOf(ComputeKernels.Names, Kernel), 1).Result;
}
