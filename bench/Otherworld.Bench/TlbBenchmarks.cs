using BenchmarkDotNet.Attributes;
using Emu.X86.Paging;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Otherworld.Bench;

/// <summary>Loads that hit the software TLB, loads that miss it every time, and writes of CR3. Time for one of them, with its share of the loop.</summary>
[Config(typeof(QuickConfig))]
public class TlbBenchmarks : IDisposable
{
    private const int LoopLength = 16;
    private const int Rounds = 1000;
    private const int Instructions = (LoopLength + 1) * Rounds;

    /// <summary>Pages this far apart have the same entry.</summary>
    private const int SameEntry = TlbEntry.Count * 4096;

    private readonly GuestCode _hits = new(a => Loop(a, i => a.mov(rcx, __qword_ptr[rbx + (i * 8)])));
    private readonly GuestCode _misses = new(a => Loop(a, i => a.mov(rcx, __qword_ptr[rbx + (i % 2 * SameEntry)])));
    private readonly GuestCode _flushes = new(a => Loop(a, _ => a.mov(cr3, rax)));

    [Benchmark(OperationsPerInvoke = LoopLength * Rounds)]
    public ulong Hit() => _hits.Run(Instructions);

    [Benchmark(OperationsPerInvoke = LoopLength * Rounds)]
    public ulong Miss() => _misses.Run(Instructions);

    [Benchmark(OperationsPerInvoke = LoopLength * Rounds)]
    public ulong WriteCr3() => _flushes.Run(Instructions);

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _hits.Dispose();
        _misses.Dispose();
        _flushes.Dispose();
        GC.SuppressFinalize(this);
    }

    private static void Loop(Assembler a, Action<int> body)
    {
        Label again = a.CreateLabel();
        a.Label(ref again);
        for (int i = 0; i < LoopLength; i++)
            body(i);
        a.jmp(again);
    }
}
