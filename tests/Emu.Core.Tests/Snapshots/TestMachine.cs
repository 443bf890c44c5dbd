using Emu.Core.Devices.Disk;
using Emu.Core.Devices.Virtio;
using Emu.Core.Memory;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Emu.Core.Tests.Virtio;
using Emu.Core.Time;

namespace Emu.Core.Tests.Snapshots;

/// <summary>A machine without a processor: memory, time, a disk and a console.</summary>
internal sealed class TestMachine : ISnapshotable, IDisposable
{
    private readonly List<IStateful> _parts = [];

    public TestMachine(ulong memorySize = 4 << 20, byte[]? disk = null, string name = "test", bool extraPart = false)
    {
        DescriptionJson = $$"""{"Name":"{{name}}","MemorySize":{{memorySize}}}""";
        Memory = new GuestMemory(memorySize);
        Clock = new MachineClock();
        Events = new EventQueue(Clock);
        Disk = new DiskOverlay(new MemoryDiskImage(disk ?? new byte[64 << 10]));
        Block = new VirtioBlock("vda", Memory, new RecordingLine(), Disk, Events, Clock);
        Console = new VirtioConsole("hvc0", Memory, new RecordingLine(), new RecordingSink());
        _parts.AddRange([Clock, Events, Block, Console]);
        if (extraPart)
            _parts.Add(new VirtioConsole("hvc1", Memory, new RecordingLine(), new RecordingSink()));
    }

    public string DescriptionJson { get; }

    public GuestMemory Memory { get; }

    public MachineClock Clock { get; }

    public EventQueue Events { get; }

    public DiskOverlay Disk { get; }

    public VirtioBlock Block { get; }

    public VirtioConsole Console { get; }

    public IReadOnlyList<IStateful> Parts => _parts;

    public ulong Tick => Clock.Now;

    public ulong InstructionCount => Clock.Now / 2;

    public int Drops { get; private set; }

    public void DropTranslations() => Drops++;

    public void Restored()
    {
        foreach (IStateful part in _parts)
            part.Restored();
    }

    public void Dispose() => Memory.Dispose();

    /// <summary>Changes a bit of everything.</summary>
    public void Scribble(ulong seed)
    {
        var prng = new SplitMix(seed);
        for (int i = 0; i < 40; i++)
            Memory.Write(prng.Next() % (Memory.Size - 8), prng.Next());
        for (int i = 0; i < 6; i++)
            Disk.Write(prng.Next() % 120 * 512, new byte[] { (byte)prng.Next(), 2, 3 });
        Clock.Now += prng.Next() % 1000;
        Console.Inject([(byte)prng.Next()]);
        Events.Schedule(0, Clock.Now + 500);
    }

    public UInt128 Hash() => MemorySnapshot.Take(this).Hash();
}
