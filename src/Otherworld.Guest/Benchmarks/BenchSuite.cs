using System.Collections.Immutable;

namespace Otherworld.Guest.Benchmarks;

/// <summary>Items that are measured together, in one start of a contender unless each is a start of its own.</summary>
/// <param name="Name">As people write it.</param>
/// <param name="Items">What is measured.</param>
/// <param name="Reference">The contender the others are compared with.</param>
public sealed record BenchSuite(string Name, ImmutableArray<string> Items, string Reference)
{
    /// <summary>The integer kernels of <c>bench/kernels</c>: those whose rate is the interpreter's speed.</summary>
    public static ImmutableArray<string> IntegerKernels { get; } =
        ["sieve", "crc32", "quicksort", "sha256", "records", "hash_walk", "bytecode", "fib", "heapsort"];

    /// <summary>User code only; natively too.</summary>
    public static BenchSuite Compute { get; } = new("compute", [.. IntegerKernels, "scalar_double", "packed_float", "x87", "packed_integer"], ContenderNames.Native);

    /// <summary>What a kernel does for a program.</summary>
    public static BenchSuite Guest { get; } = new(
        "guest",
        ["system_calls", "page_faults", "fork_exec", "pipe_ping_pong", "context_switches", "memcpy", "rep_movs", "pointer_chase", FileRead, "rewrite_code"],
        ContenderNames.Qemu);

    /// <summary>From the start of the process to the first word of process 1, with our kernel (unpacked) and with Debian's (a bzImage).</summary>
    public static BenchSuite Boot { get; } = new("boot", [PatchedKernel, StockKernel], ContenderNames.Qemu);

    /// <summary>From the start of the process to the first word of a kernel of a few instructions.</summary>
    public static BenchSuite Start { get; } = new("start", [FirstInstruction], ContenderNames.Qemu);

    /// <summary>Experiments of a campaign, with the real applications: only ours does such.</summary>
    public static BenchSuite Campaign { get; } = new("campaign", ["vi", "joe", "redis", "mariadb", "apache"], ContenderNames.Ours);

    /// <summary>In the order in which they run.</summary>
    public static ImmutableArray<BenchSuite> All { get; } = [Start, Boot, Compute, Guest, Campaign];

    internal const string PatchedKernel = "patched_kernel";

    internal const string StockKernel = "stock_kernel";

    internal const string FirstInstruction = "first_instruction";

    internal const string FileRead = "file_read";

    /// <summary>Each item is a start of its own: what is measured is how long that takes.</summary>
    internal bool MeasuresStart => Name is "boot" or "start";
}
