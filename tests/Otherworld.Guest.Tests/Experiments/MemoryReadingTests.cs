using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Tests.Experiments;

/// <summary>What a kernel after the first may have less than it: nothing.</summary>
public class MemoryReadingTests
{
    private static readonly MemoryReading First = new(Total: 480_000, Free: 400_000, Anonymous: 20_000);

    [TestCase(false)]
    [TestCase(true)]
    public void A_little_comes_and_goes(bool grows) =>
        Assert.That((First with { Total = 476_000, Free = 396_100 }).Compare(First, grows), Is.Null);

    [TestCase(false, "MemFree was 400000 KiB and is 395000 KiB")]
    [TestCase(true, "MemFree with AnonPages was 420000 KiB and is 415000 KiB")]
    public void Free_memory_that_nobody_has_is_lost(bool grows, string said) =>
        Assert.That((First with { Free = 395_000 }).Compare(First, grows), Is.EqualTo(said));

    [Test]
    public void What_an_application_has_taken_is_lost_unless_it_grows()
    {
        MemoryReading later = First with { Free = 395_000, Anonymous = 25_000 };
        Assert.That(later.Compare(First, grows: false), Is.EqualTo("MemFree was 400000 KiB and is 395000 KiB"));
        Assert.That(later.Compare(First, grows: true), Is.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void All_memory_is_compared(bool grows) =>
        Assert.That((First with { Total = 475_000 }).Compare(First, grows), Is.EqualTo("MemTotal was 480000 KiB and is 475000 KiB"));
}
