using BenchmarkDotNet.Attributes;
using Emu.X86;

namespace Otherworld.Bench;

/// <summary>
/// Instructions that become hot: the code of <see cref="DecodeBenchmarks"/> run until its blocks are about to be translated, and once more, which translates them all.
/// The difference of the two, for one instruction, is what making host code and entering it costs.
/// </summary>
[Config(typeof(QuickConfig))]
[MemoryDiagnoser]
public class TranslateBenchmarks : IDisposable
{
    private readonly GuestCode _code = DecodeBenchmarks.CompilerCode();
    private int _passes;

    /// <summary>Finds how many passes the translator waits.</summary>
    [GlobalSetup]
    public void FindThreshold()
    {
        _code.Engine = EngineKind.Translator;
        _code.DropCaches();
        for (_passes = 0; _code.Translations == 0; _passes++)
            _code.RunFromStart(DecodeBenchmarks.Instructions);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = DecodeBenchmarks.Instructions)]
    public ulong StillInterpreted() => Run(_passes - 1);

    [Benchmark(OperationsPerInvoke = DecodeBenchmarks.Instructions)]
    public ulong Translated() => Run(_passes);

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _code.Dispose();
        GC.SuppressFinalize(this);
    }

    private ulong Run(int passes)
    {
        ulong rip = 0;
        _code.DropCaches();
        for (int i = 0; i < passes; i++)
            rip = _code.RunFromStart(DecodeBenchmarks.Instructions);
        return rip;
    }
}
