using BenchmarkDotNet.Attributes;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Otherworld.Bench;

/// <summary>Instructions met for the first time: decoding a block, entering it in the cache, running it once. Time for one instruction.</summary>
[Config(typeof(QuickConfig))]
[MemoryDiagnoser]
public class DecodeBenchmarks : IDisposable
{
    private const int GroupLength = 12;
    private const int Groups = 2000;

    /// <summary>In <see cref="CompilerCode"/>.</summary>
    internal const int Instructions = GroupLength * Groups;

    private readonly GuestCode _code = CompilerCode();

    [Benchmark(OperationsPerInvoke = Instructions)]
    public ulong FirstRun()
    {
        _code.DropCaches();
        return _code.RunFromStart(Instructions);
    }

    /// <summary>Straight code of blocks as compilers write them.</summary>
    internal static GuestCode CompilerCode() => new(a =>
    {
        for (int i = 0; i < Groups; i++)
            Group(a);
    });

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _code.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What compilers write: three blocks, moves, address arithmetic, loads and stores, a compare and branch.</summary>
    private static void Group(Assembler a)
    {
        Label next = a.CreateLabel(), last = a.CreateLabel();
        a.mov(rcx, __qword_ptr[rbx + 8]);
        a.lea(rdx, __qword_ptr[rcx + (rbx * 4) + 16]);
        a.movzx(esi, __byte_ptr[rbx + 3]);
        a.add(esi, 7);
        a.test(esi, esi);
        a.jne(next);
        a.Label(ref next);
        a.mov(__dword_ptr[rbx + 16], esi);
        a.shr(rdx, 3);
        a.and(edx, 0xFF);
        a.cmp(__qword_ptr[rbx + 24], 0);
        a.je(last);
        a.Label(ref last);
        a.xor(edi, edi);
    }
}
