using System.Tests.Inspection;
using Otherworld.Guest.Inspection;

namespace System.Tests.Resurrection;

/// <summary>Something of a process is damaged when its kernel dies: it costs as little as it can.</summary>
[TestFixture]
public sealed class DamagedStateTests
{
    /// <summary>No address.</summary>
    private const ulong Damage = 0x10;

    private WitnessGuest _guest = null!;

    /// <summary>
    /// What a process owes to System V semaphores stands in a list of its own, which threads have even if they owe nothing, and in one of each set. So nothing is
    /// lost, and nothing is done twice.
    /// </summary>
    [TestCase("threads")]
    [TestCase("semaphores")]
    public void A_damaged_list_of_semaphores_is_told_by_the_sets(string scenario)
    {
        Start(scenario);
        ulong head = InspectionTests.Types.Value.OffsetOf("sem_undo_list", "list_proc");
        ulong[] lists = [.. Tasks().Select(task => Word(UndoListOf(task))).Where(list => list != 0).Distinct()];
        Assert.That(lists, Is.Not.Empty);
        foreach (ulong list in lists)
            _guest.Overwrite(list + head, Damage);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(Losses(), Is.Empty, _guest.Tail());
    }

    /// <summary>Somebody owes, and it might be who has lost its list.</summary>
    [Test]
    public void A_list_of_semaphores_that_no_set_knows_is_reported()
    {
        Start("semaphores");
        ulong[] places = [.. Tasks().Select(UndoListOf).Where(place => Word(place) != 0)];
        Assert.That(places, Is.Not.Empty);
        foreach (ulong place in places)
            _guest.Overwrite(place, Damage);
        Die();
        Assert.That(Losses(), Is.EqualTo(places.Select(_ => "semaphore-undo")), _guest.Tail());
    }

    /// <summary>Bytes nobody has read cannot be: the connection ends as it may at any time, and the process, with its other connections, goes on.</summary>
    [Test]
    public void A_connection_with_damaged_bytes_is_reset()
    {
        const string scenario = "tcp-damaged";
        _guest = WitnessGuest.AtPrompt();
        _guest.Start([scenario]);
        _guest.RunTo("tcp_recvmsg_locked");
        ulong queue = _guest.Parameter + InspectionTests.Types.Value.OffsetOf("sock", "sk_receive_queue");
        _guest.WaitToSay($"= {scenario} ready");
        _guest.RunToKernelMode();
        _guest.Overwrite(Word(queue) + InspectionTests.Types.Value.OffsetOf("sk_buff", "head"), Damage); // a buffer is linked by its first member
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(Losses(), Is.EqualTo(new[] { "connection" }), _guest.Tail());
    }

    private static ulong UndoListOf(KernelTask task) => task.Address + InspectionTests.Types.Value.OffsetOf("task_struct", "sysvsem.undo_list");

    private void Start(string scenario)
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait([scenario]);
        _guest.Pass(50_000_000);
        _guest.RunToKernelMode();
    }

    private void Die()
    {
        _guest.Kill();
        _guest.WaitForGate();
    }

    private IEnumerable<KernelTask> Tasks() => InspectionTests.Inspector(_guest).Tasks().Where(task => !task.IsKernelThread);

    private ulong Word(ulong linear) => _guest.Word(linear);

    private IEnumerable<string> Losses() => _guest.Marks.Where(mark => mark.Name == "degraded").Select(mark => mark.Values["what"]);
}
