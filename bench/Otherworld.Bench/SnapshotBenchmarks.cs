using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.X86;

namespace Otherworld.Bench;

/// <summary>Taking, restoring and saving snapshots of a machine with 512 MiB of RAM, of which 128 MiB are in use. The aim: 20 MiB restored within 10 ms.</summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 2, iterationCount: 10)]
public class SnapshotBenchmarks : IDisposable
{
    private const ulong FrameSize = 4096;
    private const ulong UsedFrames = (128 << 20) / FrameSize;

    private PcMachine _machine = null!;
    private MemorySnapshot _snapshot = null!;
    private string _folder = "";
    private ulong _round;

    /// <summary>MiB written between taking and restoring.</summary>
    [Params(2, 20)]
    public int DirtyMiB { get; set; }

    /// <summary>Every 6th frame, or all in one piece.</summary>
    [Params(true, false)]
    public bool Scattered { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var description = new MachineDescription();
        _machine = new PcMachine(description, new MachineOutputs(), parts => new X86Processor(parts.Memory, parts.Bus, parts.Lapic, parts.Clock, description.Seed));
        for (ulong frame = 0; frame < UsedFrames; frame++)
            _machine.Memory.Write((frame * FrameSize) + 8, frame + 1);
        _snapshot = MemorySnapshot.Take(_machine);
        _folder = Directory.CreateTempSubdirectory("otherworld-bench-").FullName;
        SnapshotFile.Save(Path.Combine(_folder, "base"), _snapshot, [], new SnapshotInfo());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cleanup();
        GC.SuppressFinalize(this);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _machine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [IterationSetup]
    public void Dirty()
    {
        _round++;
        ulong count = (ulong)DirtyMiB * 256;
        ulong stride = Scattered ? UsedFrames / count : 1;
        for (ulong i = 0; i < count; i++)
            _machine.Memory.Write((i * stride * FrameSize) + 16, _round);
    }

    [Benchmark]
    public void Restore() => _snapshot.Restore(_machine);

    [Benchmark]
    public MemorySnapshot Take() => MemorySnapshot.Take(_machine);

    /// <summary>A file whose unchanged pages lie in the store already.</summary>
    [Benchmark]
    public SnapshotManifest SaveFile() => SnapshotFile.Save(Path.Combine(_folder, "next"), _machine, new SnapshotInfo());

    [Benchmark]
    public (SnapshotManifest Manifest, MemorySnapshot Snapshot) ReadFile() => SnapshotFile.Read(Path.Combine(_folder, "base"));
}
