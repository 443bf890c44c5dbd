using System.Globalization;
using Otherworld.Guest.Consoles;

namespace System.Tests.Resurrection;

/// <summary>Native AIO: requests that the disk has not answered yet are lost with the kernel, and reported; those it has are told of in the next one.</summary>
[TestFixture]
public sealed class AioTests
{
    private const int Requests = 3;

    /// <param name="scenario">Direct reads, which end in an interrupt, or writes, which end in a worker.</param>
    /// <param name="ended">Requests that have ended before the death.</param>
    [Test]
    public void Requests_under_way_are_reported([Values("aio-reads", "aio-writes")] string scenario, [Values(0, 1, 2)] int ended)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        for (int end = 0; end <= ended; end++)
            guest.RunTo("aio_complete_rw");
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo($"ok {ended}"), guest.Tail());
        GuestMark[] degraded = [.. guest.Marks.Where(mark => mark.Name == "degraded")];
        Assert.That(degraded.Select(mark => mark.Values["what"]), Is.EqualTo(new[] { "aio" }), guest.Tail());
        Assert.That(degraded[0].Values["lost"], Is.EqualTo((Requests - ended).ToString(CultureInfo.InvariantCulture)), guest.Tail());
    }
}
