namespace System.Tests.Resurrection;

/// <summary>How many instructions lie between a death and the first user instruction of the crash kernel.</summary>
[TestFixture]
public sealed class OutageTests
{
    private const ulong MiB = 1 << 20;

    [TestCase(512 * MiB, 60_000_000)]
    [TestCase(1024 * MiB, 75_000_000)]
    public void The_crash_kernel_is_in_user_mode_soon(ulong memory, long most)
    {
        using WitnessGuest guest = WitnessGuest.Boot(memory);
        guest.RunToKernelMode();
        guest.Kill();
        ulong death = guest.Icount;
        guest.RunTo("start_thread"); // process 1 of the crash kernel is about to leave for user mode
        guest.RunToUserMode();
        long length = (long)(guest.Icount - death);
        TestContext.Out.WriteLine($"{memory / MiB} MiB: {length:#,0} instructions from the death to the first user instruction");
        Assert.That(length, Is.LessThan(most));
    }
}
