using System.Buffers.Binary;
using Emu.Core;
using Emu.Core.Memory;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Inspection;

/// <summary>Finds the kernels in RAM, for dumps, debuggers and inspection. A kernel that only waits to be started is none.</summary>
public sealed class KernelFinder
{
    private const ulong Alignment = 2 << 20; // CONFIG_PHYSICAL_ALIGN
    private const string RecordSymbol = "ow_record";
    private const uint MostGenerations = 1 << 20;
    private const uint LastKind = 3; // OW_CRASH_NMI

    private readonly PhysicalMemory _memory;
    private readonly SymbolTable _symbols;

    /// <param name="memory">The RAM.</param>
    /// <param name="symbols">Of the kernel; both kernels of an Otherworld machine are the same file.</param>
    public KernelFinder(PhysicalMemory memory, SymbolTable symbols)
    {
        _memory = memory;
        _symbols = symbols;
    }

    /// <summary>The record of the kernel that died last, found without symbols, by its magic.</summary>
    /// <returns>Null if none has died.</returns>
    public static DeathRecord? LastDeath(PhysicalMemory memory)
    {
        Span<byte> magic = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(magic, DeathRecord.Magic);
        DeathRecord? last = null;
        for (int frame = 0; frame < memory.FrameCount; frame++)
        {
            ReadOnlySpan<byte> bytes = memory.Frame(frame);
            for (int at = bytes.IndexOf(magic); at >= 0;)
            {
                ulong physical = GuestMemory.PhysicalOf((ulong)frame * GuestMemory.FrameSize) + (ulong)at;
                if (RecordAt(memory, physical) is { } found && TellsOfDeath(memory, found) && found.Generation >= (last?.Generation ?? 0))
                    last = found;
                int next = bytes[(at + 1)..].IndexOf(magic);
                at = next < 0 ? -1 : at + 1 + next;
            }
        }

        return last;
    }

    /// <summary>The kernel somebody chose.</summary>
    /// <inheritdoc cref="Live"/>
    public KernelInstance Find(KernelChoice choice) => choice == KernelChoice.Dead ? Dead() : Live();

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
    public DeathRecord? RecordOf(KernelInstance kernel) => RecordAt(_memory, kernel.PhysicalOf(_symbols.AddressOf(RecordSymbol)));

    private static DeathRecord? RecordAt(PhysicalMemory memory, ulong physical)
    {
        byte[] record = new byte[DeathRecord.Length];
        return memory.TryRead(physical, record) ? DeathRecord.Parse(record) : null;
    }

    private static bool TellsOfDeath(PhysicalMemory memory, DeathRecord record)
    {
        ulong table = record.Registers.Cr3 & ~0xFFFUL;
        return record.Generation is > 0 and < MostGenerations && record.Kind is >= 1 and <= LastKind && table != 0 && memory.TryRead(table, out ulong _);
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
