using Otherworld.Guest.Benchmarks;

namespace Otherworld.Guest.Tests.Benchmarks;

public sealed class ProcessMemoryTests
{
    [Test]
    public void The_guest_is_the_first_mapping_as_large_as_its_RAM()
    {
        string[] smaps =
        [
            "00400000-00500000 r-xp 00000000 00:00 0 /bin/emulator", "Size:               1024 kB", "KernelPageSize:        4 kB", "Rss:                 512 kB", "Pss:  1 kB",
            "10000000-20000000 rw-p 00000000 00:00 0", "Size:             262144 kB", "Rss:              200000 kB",
            "20000000-60000000 rw-p 00000000 00:00 0", "Size:            1048576 kB", "Rss:                  88 kB",
        ];
        Assert.That(ProcessMemory.WithoutGuest(smaps, 256UL << 20), Is.EqualTo(600 << 10));
    }
}
