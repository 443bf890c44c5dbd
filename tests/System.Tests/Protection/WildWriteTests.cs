using Emu.Core.Machine;
using Emu.X86.Paging;
using Emu.X86.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace System.Tests.Protection;

/// <summary>A kernel that writes where it should not, to memory of a process: it faults in protected mode, and corrupts by default.</summary>
/// <param name="isProtected">With the kernel of protected mode.</param>
[TestFixture(true), TestFixture(false), Category("Slow")]
public sealed class WildWriteTests(bool isProtected)
{
    private const string Death = "ow_crash_run";
    private const int CountedPages = 300;

    /// <summary>MOV [RDI], RSI.</summary>
    private static readonly byte[] Store = [0x48, 0x89, 0x37];

    private readonly bool _isProtected = isProtected;
    private DemoRun _run = null!;
    private SymbolTable _symbols = null!;
    private UserPage[] _pages = [];
    private GuestMoment _start = null!;

    private GuestConsole Console => _run.Console;

    private ref CpuState State => ref Console.Guest.Processor.State;

    [OneTimeSetUp]
    public void Boot()
    {
        GuestImage image = _isProtected ? Images.Protected : Images.Debian;
        _symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        _run = new DemoRun(new DemoOptions { Image = image, App = DemoApp.Redis });
        Assert.That(_run.Boot() ?? _run.StartPrograms() ?? _run.StartWork(0), Is.Null);
        Assert.That(new KernelEntry(Console.Guest).Reach(100_000_000), Is.True);
        _pages = PagesOf("redis-server", KernelTypes.Load(image.Path(ImageRoles.VmlinuxDebug)));
        _start = Console.Mark();
    }

    [OneTimeTearDown]
    public void End() => _run.Dispose();

    [SetUp]
    public void GoBack() => Console.Rewind(_start);

    /// <summary>All private pages of the process, by the kernel's mapping; what is read there is what was written by the process's.</summary>
    [Test]
    public void Every_private_page_is_guarded_in_the_kernels_mapping()
    {
        Assert.That(_pages, Has.Length.GreaterThan(CountedPages));
        int writable = _pages.Count(page => MayAccess(KernelInstance.DirectMap + page.Physical, PageAccess.Write));
        Assert.That(writable, Is.EqualTo(_isProtected ? 0 : _pages.Length));
        Assert.That(_pages.Where(page => !MayAccess(KernelInstance.DirectMap + page.Physical, PageAccess.Read)), Is.Empty);
    }

    /// <summary>The process's own mapping: SMAP, in either kernel.</summary>
    [Test]
    public void A_store_to_the_processs_own_address_faults()
    {
        UserPage page = _pages[_pages.Length / 2];
        ulong before = Word(page);
        StoreTo(page.Linear, ~before);
        Assert.That((FaultedAt(page.Linear), Word(page)), Is.EqualTo((true, before)));
    }

    [Test]
    public void A_store_to_the_kernels_address_of_the_page()
    {
        UserPage page = _pages[_pages.Length / 2];
        ulong before = Word(page), address = KernelInstance.DirectMap + page.Physical;
        StoreTo(address, ~before);
        Assert.That((FaultedAt(address), Word(page)), Is.EqualTo(_isProtected ? (true, before) : (false, ~before)));
    }

    /// <summary>The fault is a death like any other: the process lives on, and the page is what it was.</summary>
    [Test]
    public void The_fault_is_survived()
    {
        if (!_isProtected)
            Assert.Ignore("the default kernel does not fault");
        UserPage page = _pages[_pages.Length / 2];
        StoreTo(KernelInstance.DirectMap + page.Physical, ~Word(page));
        Console.SetBreakpoint(_symbols.AddressOf(Death), enabled: true);
        RunResult result = Console.Run(Console.Guest.Machine.Clock.Now + 100_000_000);
        Console.SetBreakpoint(_symbols.AddressOf(Death), enabled: false);
        Assert.That(result.Reason, Is.EqualTo(StopReason.Breakpoint));
        Assert.That(_run.Revive(0) ?? _run.Verify(0), Is.Null);
    }

    /// <summary>The next instruction becomes a store, as a corrupted kernel's might.</summary>
    private void StoreTo(ulong address, ulong value)
    {
        Assert.That(Console.Guest.Processor.Cpl, Is.Zero);
        foreach (MemoryPatch patch in new KernelMemory(Console.Guest.Machine.Memory, Console.Guest.Processor).Patch(State.Rip, Store)!)
            Console.Guest.Machine.Inject(InputSource.Memory, patch.ToInput());
        Console.Guest.Processor.SetRegister((int)GeneralRegister.Rdi, address);
        Console.Guest.Processor.SetRegister((int)GeneralRegister.Rsi, value);
        Console.Guest.Machine.Run(Console.Guest.Machine.Clock.Now + 1);
    }

    private bool FaultedAt(ulong address) => State.Cr2 == address && _symbols.TryFind(State.Rip, out Symbol handler) && handler.Name.Contains("page_fault", StringComparison.Ordinal);

    private bool MayAccess(ulong linear, PageAccess access) => Console.Guest.Processor.Mmu.TryTranslate(linear, access, TlbView.SupervisorSmap, out _);

    private ulong Word(UserPage page) => Console.Guest.Machine.Memory.Read<ulong>(page.Physical);

    private UserPage[] PagesOf(string name, KernelTypes types)
    {
        KernelInspector inspector = new(new KernelFinder(new MachineMemory(Console.Guest.Machine.Memory), _symbols).Live(), _symbols, types);
        int pid = inspector.Tasks().First(task => task.Name == name).Pid;
        return [.. inspector.Pages(pid)!.Where(page => page.IsAnonymous)];
    }
}
