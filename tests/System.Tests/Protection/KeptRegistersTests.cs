using System.Tests.Resurrection;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace System.Tests.Protection;

/// <summary>
/// What is at the top of a process's kernel stack, its registers of user mode, is overwritten, as by a copy to that stack that is too long: in protected mode the process goes on with those
/// that were kept when it entered the kernel; by default it does not come back, or, worse, does with wrong ones.
/// </summary>
/// <param name="isProtected">With the kernel of protected mode.</param>
[TestFixture(true), TestFixture(false), Category("Slow")]
public sealed class KeptRegistersTests(bool isProtected)
{
    /// <summary>No address, and no register that any process has.</summary>
    private const ulong Damage = 0x5a5a_5a5a_5a5a_5a5a;

    /// <summary>Bytes of a task's stack on x86-64 (<c>THREAD_SIZE</c>).</summary>
    private const ulong StackSize = 16 << 10;

    private const string DamagedRegisters = "damaged-registers", LostChain = "call-chain";

    private readonly bool _isProtected = isProtected;
    private WitnessGuest _guest = null!;
    private GuestMoment _atPrompt = null!;
    private KernelTypes _types = null!;

    [OneTimeSetUp]
    public void Boot()
    {
        _guest = _isProtected ? WitnessGuest.BootProtected() : WitnessGuest.Boot(512UL << 20);
        _types = KernelTypes.Load((_isProtected ? Images.Protected : Images.Otherworld).Path(ImageRoles.VmlinuxDebug));
        _atPrompt = _guest.Now();
    }

    [OneTimeTearDown]
    public void End() => _guest?.Dispose();

    [SetUp]
    public void GoBack() => _guest.GoBackTo(_atPrompt);

    /// <summary>All registers of somebody who waits in a call, and has a chain of calls that says how far it is.</summary>
    [Test]
    public void All_registers_of_a_call()
    {
        const string scenario = "polls";
        _guest.StartAndWait([scenario]);
        _guest.Pass(50_000_000);
        _guest.Interrupt(); // all may sleep
        _guest.RunToKernelMode();
        ulong[] frames = [.. Witnesses().Where(task => task.State == 'S').Select(RegistersOf).Where(frame => Register(frame, "orig_ax") == 7)];
        Assert.That(frames, Is.Not.Empty);
        foreach (ulong frame in frames)
            Overwrite(frame, SizeOfFrame);
        Expect(scenario, "ok", frames.Length, DamagedRegisters);
    }

    /// <summary>Those that the kernel does not use, so that nobody but the process can notice.</summary>
    [TestCase("r12"), TestCase("r14"), TestCase("bx")]
    public void A_register_that_only_the_process_uses(string register)
    {
        const string scenario = "registers-in-calls";
        _guest.StartAndWait([scenario]);
        _guest.RunTo("__x64_sys_getpid");
        _guest.Overwrite(_guest.Parameter + OffsetOf(register), Damage);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), _isProtected ? Is.EqualTo("ok") : Is.EqualTo("wrong a general register"), _guest.Tail());
        Assert.That(Kept(), Is.EqualTo(_isProtected ? 1 : 0), _guest.Tail());
    }

    /// <summary>An exception of user mode: the process goes on where it came.</summary>
    [Test]
    public void All_registers_of_a_page_fault()
    {
        const string scenario = "registers-in-faults";
        _guest.StartAndWait([scenario]);
        _guest.RunTo("exc_page_fault");
        ulong frame = _guest.Parameter;
        Assert.That(Register(frame, "cs") & 3, Is.EqualTo(3), "of user mode");
        _guest.RunTo("handle_mm_fault");
        Overwrite(frame, SizeOfFrame);
        Expect(scenario, "ok", 1, DamagedRegisters);
    }

    /// <summary>What lies below the registers is run over first, with the return addresses that say how far a call was: that matters to some.</summary>
    [TestCase("call-fsync", null)]
    [TestCase("call-pipe-read", LostChain)]
    public void All_registers_and_the_chain_of_calls(string scenario, string? refusal)
    {
        const ulong below = 64; // bytes: the return addresses of do_syscall_64() and of x64_sys_call()
        _guest.Start([scenario]);
        _guest.RunToMarkedCall();
        _guest.RunTo("x64_sys_call");
        ulong frame = _guest.Parameter;
        _guest.RunTo(scenario == "call-fsync" ? "vfs_fsync_range" : "pipe_read");
        Overwrite(frame - below, below + SizeOfFrame);
        Expect(scenario, refusal is null ? "ok" : null, 1, _isProtected && refusal is not null ? refusal : DamagedRegisters);
    }

    /// <summary>A call that has its answer may not be made again, whatever else is damaged: the answer may be, too.</summary>
    [TestCase("ip", 40)]
    [TestCase("r12", 8)]
    public void A_call_that_is_over_is_not_issued_again(string first, int size)
    {
        const string scenario = "call-append";
        ulong frame = RunToAnswer(scenario);
        Overwrite(frame + OffsetOf(first), (ulong)size);
        Die();
        if (_isProtected)
            Assert.That(Refusals(), Is.EqualTo(new[] { LostChain }), _guest.Tail());
        else if (first == "ip")
            Assert.That(Refusals(), Is.EqualTo(new[] { DamagedRegisters }), _guest.Tail());
        else
            Assert.That(Refusals(), Is.Empty, _guest.Tail());
    }

    /// <summary>As long as its registers are whole, its answer is what they say.</summary>
    [Test]
    public void A_call_that_is_over_has_its_answer()
    {
        const string scenario = "call-append";
        RunToAnswer(scenario);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok 9000"), _guest.Tail());
        Assert.That(Kept(), Is.Zero, _guest.Tail());
    }

    /// <summary>From where a signal is delivered on the registers change, and what was kept is old.</summary>
    [TestCase("arch_do_signal_or_restart"), TestCase("get_signal"), TestCase("signal_setup_done")]
    public void A_signal_that_is_being_delivered_is_not_lost(string place)
    {
        const string scenario = "registers-in-steps";
        _guest.StartAndWait([scenario]);
        _guest.RunTo(place);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(Kept(), Is.Zero, _guest.Tail());
    }

    /// <summary>What was kept is damaged, too, or of another task: it is not used.</summary>
    [TestCase("regs.r12"), TestCase("regs.ip"), TestCase("sum")]
    public void What_was_kept_is_damaged(string member)
    {
        if (!_isProtected)
            Assert.Ignore("the default kernel keeps nothing");
        const string scenario = "registers-in-calls";
        _guest.StartAndWait([scenario]);
        _guest.RunTo("__x64_sys_getpid");
        ulong frame = _guest.Parameter;
        ulong kept = Witnesses().Single(task => RegistersOf(task) == frame).Address + _types.OffsetOf("task_struct", "otherworld_registers." + member);
        Assert.That(_guest.Word(kept), Is.Not.Zero);
        _guest.Overwrite(kept, _guest.Word(kept) ^ 0x10);
        Overwrite(frame, SizeOfFrame);
        Die();
        Assert.That(Refusals(), Is.EqualTo(new[] { DamagedRegisters }), _guest.Tail());
        Assert.That(Kept(), Is.Zero, _guest.Tail());
    }

    private ulong SizeOfFrame => (ulong)_types.SizeOf("pt_regs");

    /// <summary>To where the marked call has stored its answer; where its registers are.</summary>
    private ulong RunToAnswer(string scenario)
    {
        _guest.Start([scenario]);
        _guest.RunToMarkedCall();
        _guest.RunTo("x64_sys_call");
        ulong frame = _guest.Parameter;
        _guest.RunTo("syscall_exit_to_user_mode");
        Assert.That(Register(frame, "ax"), Is.EqualTo(9000));
        return frame;
    }

    /// <summary>In protected mode this outcome, with the registers of so many tasks taken from where they were kept; else this refusal.</summary>
    private void Expect(string scenario, string? outcome, int kept, string refusal)
    {
        Die();
        Assert.That(Kept(), Is.EqualTo(_isProtected ? kept : 0), _guest.Tail());
        if (_isProtected && outcome is not null)
            Assert.That(_guest.WaitForVerdict(scenario), Does.StartWith(outcome), _guest.Tail());
        else
            Assert.That(Refusals(), Is.Not.Empty.And.All.EqualTo(refusal), _guest.Tail());
    }

    private void Die()
    {
        _guest.Kill();
        _guest.WaitForGate();
    }

    private void Overwrite(ulong start, ulong size)
    {
        for (ulong at = start; at < start + size; at += sizeof(ulong))
            _guest.Overwrite(at, Damage);
    }

    private int Kept() => _guest.Marks.Count(mark => mark.Name == "kept-registers");

    private IEnumerable<string> Refusals() =>
        _guest.Marks.Where(mark => mark.Name == "not-resurrected" && mark.Values["reason"] != "exited").Select(mark => mark.Values["reason"]);

    private IEnumerable<KernelTask> Witnesses() =>
        new KernelInspector(new KernelFinder(_guest.Memory, _guest.Symbols).Live(), _guest.Symbols, _types).Tasks().Where(task => task.Name == "witness");

    private ulong RegistersOf(KernelTask task) => _guest.Word(task.Address + _types.OffsetOf("task_struct", "stack")) + StackSize - SizeOfFrame;

    private ulong OffsetOf(string register) => _types.OffsetOf("pt_regs", register);

    private ulong Register(ulong frame, string register) => _guest.Word(frame + OffsetOf(register));
}
