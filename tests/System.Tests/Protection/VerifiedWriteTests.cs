using System.Tests.Resurrection;
using Emu.X86.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Protection;

/// <summary>
/// A kernel that goes wrong once between a <c>write()</c> or <c>read()</c> and the page cache, and notices nothing: in protected mode it dies ahead of the answer, and the
/// file is right; by default it lives on, and somebody has lost data.
/// </summary>
/// <param name="isProtected">With the kernel of protected mode.</param>
[TestFixture(true), TestFixture(false), Category("Slow")]
public sealed class VerifiedWriteTests(bool isProtected)
{
    private const string Write = "call-write", Append = "call-append", Read = "call-read", Send = "call-tcp-write", Receive = "call-tcp-read", Flush = "call-fsync", Rename = "call-rename-over";

    /// <summary>Pages that those two write: 9,000 bytes behind 5.</summary>
    private const int Pages = 3;

    /// <summary>Where it is noticed, if it is; guest ns.</summary>
    private const ulong Soon = 300_000_000;

    private readonly bool _isProtected = isProtected;
    private WitnessGuest _guest = null!;
    private GuestMoment _atPrompt = null!;
    private string _scenario = "";

    [OneTimeSetUp]
    public void Boot()
    {
        _guest = _isProtected ? WitnessGuest.BootProtected() : WitnessGuest.Boot(512UL << 20);
        _atPrompt = _guest.Now();
    }

    [OneTimeTearDown]
    public void End() => _guest?.Dispose();

    [SetUp]
    public void GoBack() => _guest.GoBackTo(_atPrompt);

    /// <summary>The index of the page is whatever was in the register, as when the instruction that loads it is gone.</summary>
    [TestCase(Write), TestCase(Append)]
    public void A_write_to_another_page(string scenario)
    {
        Start(scenario);
        _guest.RunTo("ext4_da_write_begin");
        _guest.RunTo("grab_cache_page_write_begin");
        _guest.SetRegister(GeneralRegister.Rsi, 0x214f4);
        ExpectDeathOf("write to a wrong page", "ok 9000");
    }

    /// <summary>Another page of the same file, which the write would overwrite.</summary>
    [Test]
    public void A_write_over_the_page_before_it()
    {
        Start(Write);
        for (int page = 0; page < Pages; page++)
            _guest.RunTo("ext4_da_write_begin");
        _guest.RunTo("grab_cache_page_write_begin");
        _guest.SetRegister(GeneralRegister.Rsi, 0);
        ExpectDeathOf("write to a wrong page", "ok 9000");
    }

    /// <summary>An append is answered with as much as the file has grown by.</summary>
    [TestCase(Write, "ok 9000"), TestCase(Append, "ok 8187")]
    public void A_write_that_does_not_make_the_file_longer(string scenario, string outcome)
    {
        Start(scenario);
        for (int page = 0; page < Pages; page++)
            _guest.RunTo("generic_write_end");
        ulong size = _guest.Word(_guest.Register(GeneralRegister.Rsi)) + OffsetOf("inode", "i_size");
        ulong before = _guest.Word(size);
        _guest.RunTo("unlock_page");
        Assert.That(_guest.Word(size), Is.GreaterThan(before));
        _guest.Overwrite(size, before);
        ExpectDeathOf("write with a wrong file size", outcome);
    }

    /// <summary>No buffer lies in the piece of the page that is said to be new.</summary>
    [Test]
    public void A_write_that_leaves_its_page_clean()
    {
        if (!_isProtected)
            Assert.Ignore("the default kernel dies later, when it is to read a page that is on no disk");
        Start(Write);
        for (int page = 0; page < Pages; page++)
            _guest.RunTo("generic_write_end");
        _guest.RunTo("__block_commit_write.constprop.0.isra.0");
        _guest.SetRegister(GeneralRegister.Rdx, 0);
        ExpectDeathOf("written page is not dirty", "ok 9000");
    }

    /// <summary>The buffer is looked for where there is none, and the process told that it has none.</summary>
    [TestCase(Write), TestCase(Append)]
    public void A_write_that_does_not_find_its_buffer(string scenario)
    {
        Start(scenario);
        _guest.RunTo("generic_perform_write");
        _guest.RunTo("fault_in_readable");
        _guest.SetRegister(GeneralRegister.Rdi, KernelInstance.DirectMap);
        ExpectDeathOf("bad buffer that is good", "ok 9000");
    }

    [Test]
    public void An_append_over_the_beginning()
    {
        Start(Append);
        _guest.RunTo("generic_perform_write");
        _guest.Overwrite(_guest.Parameter + OffsetOf("kiocb", "ki_pos"), 0);
        ExpectDeathOf("append that is not at the end", "ok 9000");
    }

    /// <summary>The length of the buffer is another register's contents: more is written than the process has asked for.</summary>
    [Test]
    public void A_write_of_more_than_was_asked()
    {
        Start(Write);
        _guest.RunTo("generic_perform_write");
        _guest.Overwrite(_guest.Register(GeneralRegister.Rsi) + OffsetOf("iov_iter", "count"), 20_000);
        ExpectDeathOf("write of what nobody asked for", "ok 9000");
    }

    /// <summary>100 bytes behind where the process has its buffer.</summary>
    [Test]
    public void A_read_to_where_nobody_asked()
    {
        Start(Read);
        _guest.RunTo("filemap_read");
        _guest.Overwrite(_guest.Register(GeneralRegister.Rsi) + OffsetOf("iov_iter", "iov_offset"), 100);
        ExpectDeathOf("read of what nobody asked for", "ok 9000");
    }

    [Test]
    public void A_read_of_another_page()
    {
        Start(Read);
        _guest.RunTo("filemap_read");
        _guest.RunTo("filemap_get_read_batch");
        _guest.SetRegister(GeneralRegister.Rsi, 1);
        ExpectDeathOf("read of a wrong page", "ok 9000");
    }

    /// <summary>What is copied wrongly once is copied again; nobody needs to die of it.</summary>
    [Test]
    public void A_copy_that_goes_wrong_once()
    {
        Start(Write);
        _guest.RunTo("copy_page_from_iter_atomic");
        _guest.RunTo("copy_user_generic_string");
        ulong there = _guest.Parameter + 1000;
        _guest.ReturnTo("generic_perform_write");
        _guest.Overwrite(there, ~_guest.Word(there));
        string? verdict = _guest.WaitForVerdict(Write);
        Assert.That(verdict, _isProtected ? Is.EqualTo("ok 9000") : Does.StartWith("wrong"), _guest.Tail());
        Assert.That(_guest.DeathMessages(), Is.Empty);
    }

    /// <summary>MOV EAX, EDX; RET: it says that it has copied, and never does.</summary>
    [Test]
    public void A_copy_that_goes_wrong_each_time()
    {
        if (!_isProtected)
            Assert.Ignore("the default kernel goes on copying nothing for ever");
        Start(Write);
        _guest.RunTo("generic_perform_write");
        _guest.Overwrite(_guest.Symbols.AddressOf("copy_page_from_iter_atomic"), 0x90909090_90c3d089);
        ExpectDeathOf("written bytes are not there", "ok 9000");
    }

    /// <summary>What a process has given its connection, and what came for it, is compared as well.</summary>
    [TestCase(Send, "_copy_from_iter"), TestCase(Receive, "_copy_to_iter")]
    public void What_is_sent_or_received_and_goes_wrong_once(string scenario, string function)
    {
        Start(scenario);
        _guest.RunTo(function);
        _guest.RunTo("copy_user_generic_string");
        ulong there = _guest.Parameter;
        _guest.ReturnTo(function);
        _guest.Overwrite(there, ~_guest.Word(there));
        Assert.That(_guest.WaitForVerdict(scenario), _isProtected ? Does.StartWith("ok") : Does.StartWith("wrong"), _guest.Tail());
        Assert.That(_guest.DeathMessages(), Is.Empty);
    }

    /// <summary>The register with the answer is another's: <c>fsync()</c> answers 0, or an error.</summary>
    [Test]
    public void An_answer_that_the_call_cannot_give()
    {
        Start(Flush);
        _guest.RunTo("__x64_sys_fsync");
        _guest.ReturnTo("x64_sys_call");
        _guest.SetRegister(GeneralRegister.Rax, 11);
        Assert.That(_guest.TryRunToDeath(Soon), Is.EqualTo(_isProtected), _guest.Tail());
        if (_isProtected)
            _guest.WaitForGate();
        Assert.That(_guest.WaitForVerdict(Flush), Is.EqualTo(_isProtected ? "ok 0" : "ok 11"), _guest.Tail());
        Assert.That(_guest.DeathMessages(), Is.EqualTo(_isProtected ? new[] { "an answer was impossible" } : []));
    }

    /// <summary>A file is renamed to another one, and that is looked up as the same file.</summary>
    [Test]
    public void A_name_that_leads_to_another_file()
    {
        if (!_isProtected)
            Assert.Ignore("the default kernel has both names of one entry, gives that back twice, and dies of its own warning");
        Start(Rename);
        _guest.RunTo("lookup_one_qstr_excl");
        _guest.ReturnTo("do_renameat2");
        ulong old = _guest.Register(GeneralRegister.Rax);
        _guest.RunTo("lookup_dcache");
        _guest.ReturnTo("lookup_one_qstr_excl");
        _guest.SetRegister(GeneralRegister.Rax, old);
        ExpectDeathOf("another file was found", "ok 0");
    }

    /// <summary>Programs with races of their own, and buffers that are the pages they are copied to: nothing that a healthy kernel dies of.</summary>
    [TestCase("races-overlaps"), TestCase("races-no-buffer"), TestCase("races-no-address"), TestCase("races-threads"), TestCase("races-device")]
    public void What_programs_may_do(string scenario)
    {
        _guest.Start([scenario]);
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(_guest.DeathMessages(), Is.Empty);
    }

    private void Start(string scenario)
    {
        _scenario = scenario;
        _guest.Start([scenario]);
        _guest.RunToMarkedCall();
    }

    /// <summary>In protected mode this death, and this outcome; by default none, and data that are wrong.</summary>
    private void ExpectDeathOf(string message, string outcome)
    {
        bool died = _guest.TryRunToDeath(Soon);
        Assert.That(died, Is.EqualTo(_isProtected), _guest.Tail());
        if (died)
            _guest.WaitForGate();
        Assert.That(_guest.WaitForVerdict(_scenario), died ? Is.EqualTo(outcome) : Does.StartWith("wrong"), _guest.Tail());
        Assert.That(_guest.DeathMessages(), Is.EqualTo(died ? new[] { message } : []), _guest.Tail());
    }
}
