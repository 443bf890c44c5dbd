using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Otherworld.Bench;

/// <summary>Short runs in this process, which has the run-time settings of the product.</summary>
public sealed class QuickConfig : ManualConfig
{
    public QuickConfig()
        => AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(8));
}
