using Emu.Core.Memory;

namespace Emu.Core.Tests.Memory;

public sealed class RamHashTests
{
    private const ulong Size = 4 << 20;

    /// <summary>Writes, snapshots, restores and somebody else who asks for what is fresh, in any order: the hash is always that of a memory with the same bytes and no past.</summary>
    [Test]
    public void The_hash_is_of_the_contents_however_they_came_about([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        using var memory = new GuestMemory(Size);
        var hash = new RamHash(memory);
        var images = new List<RamImage>();
        for (int step = 0; step < 200; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    images.Add(RamImage.Take(memory));
                    break;
                case 1 when images.Count > 0:
                    images[random.Next(images.Count)].RestoreTo(memory);
                    break;
                case 2:
                    _ = new RamHash(memory).Compute();
                    break;
                case 3:
                    Assert.That(hash.Compute(), Is.EqualTo(HashOfCopy(memory)), $"step {step}");
                    break;
                default:
                    memory.Write(((ulong)random.Next(40) * GuestMemory.FrameSize) + (8 * (ulong)random.Next(4)), (ulong)random.Next(3));
                    break;
            }
        }

        Assert.That(hash.Compute(), Is.EqualTo(HashOfCopy(memory)));
    }

    [Test]
    public void A_frame_is_fresh_once_and_dirty_until_a_snapshot()
    {
        using var memory = new GuestMemory(Size);
        memory.Write(0x3000, 1UL);
        memory.Write(0x1000, 1UL);
        Assert.That(memory.TakeFresh().ToArray(), Is.EqualTo(new uint[] { 3, 1 }));
        Assert.That(memory.TakeFresh().ToArray(), Is.Empty);
        memory.Write(0x1008, 2UL);
        Assert.That(memory.TakeFresh().ToArray(), Is.EqualTo(new uint[] { 1 }));
        Assert.That(memory.DirtyFrames.ToArray(), Is.EqualTo(new uint[] { 3, 1 }));
        memory.Write(0x1008, 3UL);
        RamImage.Take(memory);
        Assert.That(memory.DirtyFrames.ToArray(), Is.Empty);
        Assert.That(memory.TakeFresh().ToArray(), Is.Empty);
    }

    private static ulong HashOfCopy(GuestMemory memory)
    {
        using var copy = new GuestMemory(Size);
        for (int frame = 0; frame < memory.FrameCount; frame++)
            copy.Write((ulong)frame * GuestMemory.FrameSize, memory.Frame(frame));
        return new RamHash(copy).Compute();
    }
}
