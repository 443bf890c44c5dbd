using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Overhead;

/// <summary>Two kernels of the same source, configuration and compiler, one with our patches and one without, function by function.</summary>
/// <param name="Same">How many functions are the same, instruction by instruction.</param>
/// <param name="Changed">Functions of both kernels that are not.</param>
/// <param name="Missing">Functions that only the kernel without patches has.</param>
/// <param name="Added">Functions that only the patched kernel has. No function that is the same in both can call one of them.</param>
public sealed record KernelComparison(int Same, IReadOnlyList<FunctionKey> Changed, IReadOnlyList<FunctionKey> Missing, IReadOnlyList<FunctionKey> Added)
{
    /// <summary>Compares.</summary>
    /// <param name="patched">The unstripped kernel with our patches.</param>
    /// <param name="unpatched">The unstripped kernel without.</param>
    /// <exception cref="Emu.Core.OtherworldException">One of them has no symbols, or is no kernel for x86-64.</exception>
    public static KernelComparison Of(string patched, string unpatched)
    {
        FunctionTable ours = Load(patched), theirs = Load(unpatched);
        FunctionComparer comparer = new(ours, theirs);
        int same = 0;
        List<FunctionKey> changed = [], missing = [];
        foreach (KernelFunction function in theirs.Functions)
        {
            if (!ours.TryFind(function.Key, out KernelFunction counterpart))
                missing.Add(function.Key);
            else if (comparer.AreSame(counterpart, function))
                same++;
            else
                changed.Add(function.Key);
        }

        return new KernelComparison(same, changed, missing, [.. ours.Functions.Where(function => !theirs.TryFind(function.Key, out _)).Select(function => function.Key)]);
    }

    private static FunctionTable Load(string path) => new(new ElfFile(FileBytes.Load(path, "kernel")));
}
