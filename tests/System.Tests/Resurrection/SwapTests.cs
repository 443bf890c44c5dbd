using System.Buffers.Binary;
using Otherworld.Guest.Boot;

namespace System.Tests.Resurrection;

/// <summary>Pages in swap: of two areas one is read, as the dead kernel left it, while the other is written to; at the next death they change.</summary>
[TestFixture]
public sealed class SwapTests
{
    private const int SectorSize = 512;

    [Test]
    public void Two_areas_take_turns() => TakeTurns(WitnessGuest.AtPrompt(), "swapped");

    [Test]
    public void A_partition_and_a_file_take_turns()
    {
        string disk = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(disk, DiskWithPartition(64 << 20));
            using WitnessGuest guest = WitnessGuest.Boot(512UL << 20, new DiskChoice(disk, ReadOnly: false));
            TakeTurns(guest, "swapped-partition");
        }
        finally
        {
            File.Delete(disk);
        }
    }

    /// <summary>
    /// The next kernel reads every page of the dead one's area, so that the area is free for the death after that, which comes too early. Only who was about to get a page
    /// may be refused: in the few instructions between the release of its slot and the entry for the page (docs/resurrection-memory.md).
    /// </summary>
    /// <param name="symbol">Where the kernel is when it dies: a page that it has read is in its owner's page table, or on its way out of the swap cache.</param>
    /// <param name="times">How often it had been there before.</param>
    /// <param name="instructions">Instructions behind the start of that function.</param>
    [Test]
    public void A_death_while_an_area_is_emptied_costs_no_page(
        [Values("swap_free", "delete_from_swap_cache")] string symbol,
        [Values(1, 20, 60)] int times,
        [Values(0, 150)] int instructions)
    {
        const string scenario = "swap-drained";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        Die(guest);
        for (int time = 0; time < times; time++)
            guest.RunTo(symbol);
        guest.RunInstructions((ulong)instructions);
        TestContext.Progress.WriteLine($"killed at {guest.Place}");
        Assert.That(guest.Marks.Where(mark => mark.Name == "swap-emptied"), Is.Empty, "the area is empty already");
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        Assert.That(guest.Marks.Where(mark => mark.Name is "swap-lost" or "swap-kept"), Is.Empty, guest.Tail());
        string[] reasons = [.. guest.Marks.Where(mark => mark.Name == "not-resurrected").Select(mark => mark.Values["reason"])];
        bool released = symbol == "swap_free" && instructions > 0;
        Assert.That(reasons, released ? Is.Empty.Or.EqualTo(new[] { "swapped-page" }) : Is.Empty, guest.Tail());
    }

    /// <param name="symbol">Where the kernel is when it dies, on the way out of memory or, out of the swap cache, on the way back.</param>
    /// <param name="times">How often it had been there before.</param>
    /// <param name="instructions">Instructions behind the start of that function.</param>
    [Test]
    public void A_page_on_its_way_out_is_whole_or_refused(
        [Values("add_to_swap", "try_to_unmap_one", "swap_writepage", "end_swap_bio_write", "do_swap_page", "shmem_writepage")] string symbol,
        [Values(1, 150)] int times,
        [Values(0, 90)] int instructions) => DieAt(symbol, times, instructions, "swap-churn");

    /// <param name="symbol">Where the kernel is when it dies, on the way from the disk.</param>
    /// <param name="instructions">Instructions behind the start of that function.</param>
    [Test]
    public void A_page_on_its_way_in_is_whole_or_refused([Values("swap_readpage", "swap_free")] string symbol, [Values(0, 90)] int instructions) => DieAt(symbol, 30, instructions, "swap-far");

    /// <summary>A disk with one partition, for swap, behind its first mebibyte.</summary>
    private static byte[] DiskWithPartition(int size)
    {
        const int entry = 446, type = 4, first = 8, length = 12;
        const int start = (1 << 20) / SectorSize;
        byte[] disk = new byte[size];
        disk[entry + type] = 0x82;
        BinaryPrimitives.WriteInt32LittleEndian(disk.AsSpan(entry + first), start);
        BinaryPrimitives.WriteInt32LittleEndian(disk.AsSpan(entry + length), (size / SectorSize) - start);
        BinaryPrimitives.WriteUInt16LittleEndian(disk.AsSpan(SectorSize - 2), 0xaa55);
        return disk;
    }

    private static void TakeTurns(WitnessGuest guest, string scenario)
    {
        guest.StartAndWait([scenario]);
        Die(guest);
        guest.WaitToSay($"= {scenario} has changed areas");
        Die(guest);
        guest.WaitToSay($"= {scenario} ok");
    }

    private static void DieAt(string symbol, int times, int instructions, string scenario)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        for (int time = 0; time < times; time++)
            guest.RunTo(symbol);
        guest.RunInstructions((ulong)instructions);
        TestContext.Progress.WriteLine($"killed at {guest.Place}");
        guest.Kill();
        guest.WaitForGate();
        string? verdict = guest.WaitForVerdict(scenario);
        string[] reasons = [.. guest.Marks.Where(mark => mark.Name == "not-resurrected" && mark.Values["comm"] == "witness").Select(mark => mark.Values["reason"])];
        if (verdict != "ok")
            Assert.That(reasons, Is.EqualTo(new[] { "lost-page" }).Or.EqualTo(new[] { "swapped-page" }), guest.Tail());
    }

    private static void Die(WitnessGuest guest)
    {
        guest.Pass(20_000_000);
        guest.RunToKernelMode();
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Where(mark => mark.Name is "not-resurrected" or "swap-lost" or "swap-kept"), Is.Empty, guest.Tail());
    }
}
