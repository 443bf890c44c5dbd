using Emu.Core;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Dumps;

/// <summary>Finds the kernels in RAM. A kernel that only waits to be started is none.</summary>
public sealed class KernelFinder
{
    private const ulong Alignment = 2 << 20; // CONFIG_PHYSICAL_ALIGN
    private const string RecordSymbol = "ow_record";

    private readonly SnapshotMemory _memory;
    private readonly SymbolTable _symbols;

    /// <param name="memory">The RAM.</param>
    /// <param name="symbols">Of the kernel; both kernels of an Otherworld machine are the same file.</param>
    public KernelFinder(SnapshotMemory memory, SymbolTable symbols)
    {
        _memory = memory;
        _symbols = symbols;
    }

    /// <summary>The kernel that ran last: at a panic, before the jump, the one that dies.</summary>
    /// <exception cref="OtherworldException">There is none that the symbols fit.</exception>
    public KernelInstance Live() => All().LastOrDefault()
        ?? throw new OtherworldException("no kernel in this snapshot belongs to these symbols. Give the System.map or unstripped vmlinux of its kernel with --symbols.");

    /// <summary>The kernel that died before the living one took over.</summary>
    /// <exception cref="OtherworldException">No kernel has died, or its image has been overwritten.</exception>
    public KernelInstance Dead()
    {
        List<KernelInstance> all = All();
        return all.Count >= 2 && all[^1].Generation == all[^2].Generation + 1
            ? all[^2]
            : throw new OtherworldException(
                "this snapshot holds no dead kernel beside the living one: none has died yet (at a panic, before the jump, the dying kernel is the living one: --kernel live), or its slot was armed again. Take the snapshot at a mark between crash-kernel-init and armed, such as released.");
    }

    /// <summary>What a kernel of ours wrote down about itself; null where it did not.</summary>
    public DeathRecord? RecordOf(KernelInstance kernel)
    {
        byte[] record = new byte[DeathRecord.Length];
        return _memory.TryRead(kernel.PhysicalOf(_symbols.AddressOf(RecordSymbol)), record) ? DeathRecord.Parse(record) : null;
    }

    /// <summary>All that run or ran, by generation.</summary>
    private List<KernelInstance> All()
    {
        List<KernelInstance> found = [];
        ulong end = _symbols.AddressOf("_end") - KernelInstance.ImageMap;
        for (ulong start = 0; start + end <= _memory.LowSize; start += Alignment)
        {
            if (At(start) is { } kernel)
                found.Add(kernel);
        }

        return [.. found.OrderBy(kernel => kernel.Generation)];
    }

    private KernelInstance? At(ulong physBase)
    {
        KernelInstance kernel = new(_memory, physBase, _symbols.AddressOf("init_top_pgt") - KernelInstance.ImageMap + physBase, 0);
        Span<byte> banner = stackalloc byte[14];
        if (!_memory.TryRead(kernel.PhysicalOf(_symbols.AddressOf("phys_base")), out ulong said) || said != physBase
            || !_memory.TryRead(kernel.PhysicalOf(_symbols.AddressOf("linux_banner")), banner) || !banner.SequenceEqual("Linux version "u8))
            return null;
        if (!_symbols.TryAddressOf(RecordSymbol, out _))
            return kernel;
        return RecordOf(kernel) is { } record ? kernel with { Generation = record.Generation } : null;
    }
}
