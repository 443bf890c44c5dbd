using System.Globalization;
using System.Tests.Inspection;
using System.Text;
using Emu.Core.Machine;
using Emu.X86;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace System.Tests.Resurrection;

/// <summary>
/// The guest with its program <c>witness</c>: starts scenarios, kills the kernel at an exact place, and reads what the scenarios say in the next one.
/// It is booted once; every test starts from a snapshot of that moment.
/// </summary>
internal sealed class WitnessGuest : IDisposable
{
    /// <summary>Linear address of the first <c>struct page</c>, without KASLR (Documentation/x86/x86_64/mm.rst).</summary>
    public const ulong PageMap = 0xffff_ea00_0000_0000;

    /// <summary>Instructions, and guest nanoseconds, in which anything that is waited for has come.</summary>
    private const ulong StepLimit = 5_000_000_000;

    private static readonly Lazy<WitnessGuest> Booted = new(() => Boot(512UL << 20));

    /// <summary>Runs for received characters only; the interrupt's own handler also runs for sent ones.</summary>
    private const string ReceiveHandler = "uart_insert_char";

    /// <summary>Guest nanoseconds, and more, from the first instruction of an interrupt to its handler.</summary>
    private const ulong WayToHandler = 5_000;

    private readonly GuestConsole _console;
    private readonly SymbolTable _symbols;
    private readonly GuestMoment _atPrompt;
    private int _death;

    private WitnessGuest(ulong memory, DiskChoice? secondDisk, GuestImage image)
        : this(new DemoRun(new DemoOptions { Image = image, MemorySize = memory, SecondDisk = secondDisk }), image)
    {
    }

    private WitnessGuest(DemoRun run, GuestImage image)
    {
        Assert.That(run.Boot(), Is.Null);
        _console = run.Console;
        _symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        _atPrompt = Now();
    }

    /// <summary>Everything the current kernel and those after it marked since the last death.</summary>
    public IReadOnlyList<GuestMark> Marks => GuestMark.ReadAll(_console.Debug.From(_death));

    /// <summary>What the kernels that died since then said of it.</summary>
    public string[] DeathMessages()
    {
        const string start = " message=\"";
        return
        [
            .. from line in _console.Debug.From(_death).Split('\n')
               where line.StartsWith("ow: panic ", StringComparison.Ordinal)
               select line[(line.IndexOf(start, StringComparison.Ordinal) + start.Length)..].TrimEnd('"', '\r'),
        ];
    }

    /// <summary>Instructions retired since power-on.</summary>
    public ulong Icount => Processor.InstructionCount;

    /// <summary>Guest nanoseconds since power-on.</summary>
    public ulong Clock => Guest.Machine.Clock.Now;

    /// <summary>RAM, as it is now.</summary>
    public PhysicalMemory Memory => new MachineMemory(Guest.Machine.Memory);

    /// <summary>The kernel's symbols.</summary>
    public SymbolTable Symbols => _symbols;

    /// <summary>Where the processor stands, as symbol and offset.</summary>
    public string Place => _symbols.Describe(Processor.State.Rip);

    /// <summary>At the first instruction of a function: its first parameter.</summary>
    public ulong Parameter => Processor.State.Registers()[(int)GeneralRegister.Rdi];

    /// <summary>What RSP holds.</summary>
    public ulong StackPointer => Processor.State.Registers()[(int)GeneralRegister.Rsp];

    /// <summary>Whether the processor is in user mode.</summary>
    public bool InUserMode => Processor.Cpl == 3;

    private GuestMachine Guest => _console.Guest;

    private X86Processor Processor => Guest.Processor;

    /// <summary>Where a member of one of the kernel's structures begins, in bytes.</summary>
    public static ulong OffsetOf(string structure, string member) => InspectionTests.Types.Value.OffsetOf(structure, member);

    /// <summary>How long one of the kernel's structures is, in bytes.</summary>
    public static ulong SizeOf(string structure) => (ulong)InspectionTests.Types.Value.SizeOf(structure);

    /// <summary>Boots a guest of so many bytes to a shell at its prompt and an armed crash kernel.</summary>
    /// <param name="secondDisk">Its /dev/vdb; null for none.</param>
    public static WitnessGuest Boot(ulong memory, DiskChoice? secondDisk = null) => new(memory, secondDisk, Images.Otherworld);

    /// <summary>Boots one under the kernel of protected mode, whose own disk has no witness.</summary>
    public static WitnessGuest BootProtected()
    {
        WitnessGuest guest = new(512UL << 20, DiskChoice.Parse(Images.Otherworld.Path(ImageRoles.Disk)), Images.Protected);
        const string busybox = "/proc/1/root/bin/busybox"; // the shell's own root has no mount
        string said = guest.Ask($"mkdir -p /data/tests /mnt; {busybox} mount -t ext4 -o ro /dev/vdb /mnt && cp /mnt/tests/witness /data/tests && {busybox} umount /mnt && sync && echo is there");
        Assert.That(said, Does.Contain("\nis there"), guest.Tail());
        return guest;
    }

    /// <summary>Boots the guest of a run that is to be played by hand; it has the image <c>debian</c>.</summary>
    public static WitnessGuest Of(DemoRun run) => new(run, Images.Debian);

    /// <summary>The guest that all tests share, as it was after its boot.</summary>
    public static WitnessGuest AtPrompt()
    {
        WitnessGuest guest = Booted.Value;
        guest.GoBackTo(guest._atPrompt);
        return guest;
    }

    /// <summary>Types a command on ttyS0.</summary>
    public void Type(string command) => Assert.That(_console.Type(0, command + "\n"), Is.True);

    /// <summary>Presses keys on ttyS0; no time passes.</summary>
    public void Press(string keys) => Guest.Machine.Inject(InputSource.Serial0, Encoding.ASCII.GetBytes(keys));

    /// <summary>Types on a serial line.</summary>
    public void TypeOn(int line, string text) => Assert.That(_console.Type(line, text), Is.True);

    /// <summary>Starts scenarios, each in a process of its own.</summary>
    public void Start(IEnumerable<string> names) => Type("/data/tests/witness " + string.Join(' ', names));

    /// <summary>Starts scenarios and waits until each has said that the kernel may die.</summary>
    public void StartAndWait(IReadOnlyList<string> names)
    {
        Start(names);
        foreach (string name in names)
            WaitToSay($"= {name} ready");
    }

    /// <summary>Runs until a scenario has said this.</summary>
    public void WaitToSay(string text) => Assert.That(Wait(_console.Lines[0], 0, text), Is.True, $"nobody says '{text}': {Tail()}");

    /// <summary>Lets guest time pass.</summary>
    public void Pass(ulong nanoseconds) => Assert.That(_console.Pass(nanoseconds), Is.True);

    /// <summary>Runs to the first instruction of a kernel function.</summary>
    public void RunTo(string symbol)
    {
        Assert.That(TryRunTo(symbol, StepLimit), Is.True, $"{symbol} is not reached: {Tail()}");
    }

    /// <summary>From a function that was called, runs to where it returns into its caller, or into the piece of it that the compiler has made of its own.</summary>
    public void ReturnTo(string caller)
    {
        for (int steps = 0; !IsIn(caller); steps++)
        {
            Assert.That(steps, Is.LessThan(1_000_000), $"{caller} is not reached: {Tail()}");
            RunInstructions(1);
        }
    }

    /// <summary>Steps to a place, a symbol with an offset.</summary>
    public void StepTo(string place)
    {
        for (int steps = 0; Place != place; steps++)
        {
            Assert.That(steps, Is.LessThan(10_000), $"{place} is not reached: {Tail()}");
            RunInstructions(1);
        }
    }

    /// <summary>Whether the processor stands in a function, behind its beginning, or in a piece of it.</summary>
    public bool IsIn(string function) => Place.StartsWith(function + "+", StringComparison.Ordinal) || Place.StartsWith(function + ".", StringComparison.Ordinal);

    /// <summary>Instruction counts, from here until something is so, at which the kernel comes to an address for the first time. The machine stays where it is.</summary>
    public IReadOnlyList<ulong> Places(Func<bool> until)
    {
        GuestMoment here = Now();
        HashSet<ulong> seen = [];
        List<ulong> places = [];
        for (int steps = 0; !until(); steps++)
        {
            Assert.That(steps, Is.LessThan(1_000_000), $"there is no end: {Tail()}");
            if (Processor.Cpl == 0 && seen.Add(Processor.State.Rip))
                places.Add(Icount);
            RunInstructions(1);
        }

        GoBackTo(here);
        return places;
    }

    /// <summary>Runs to the first kernel instruction of the system call that a scenario has marked.</summary>
    public void RunToMarkedCall()
    {
        RunTo("__x64_sys_sched_get_priority_max");
        RunTo("do_syscall_64");
    }

    /// <summary>Instructions from here, the start of a system call, to the start of the next one of anybody. The machine stays where it is.</summary>
    public ulong LengthOfCall()
    {
        GuestMoment start = Now();
        ulong first = Icount;
        RunTo("do_syscall_64");
        ulong length = Icount - first;
        GoBackTo(start);
        return length;
    }

    /// <summary>Instructions from here to where a call has its answer stored for user mode. The machine stays where it is.</summary>
    public ulong LengthToAnswer()
    {
        GuestMoment start = Now();
        ulong first = Icount;
        RunTo("syscall_exit_to_user_mode");
        ulong length = Icount - first;
        GoBackTo(start);
        return length;
    }

    /// <summary>Now, to come back to.</summary>
    public GuestMoment Now() => _console.Mark();

    /// <summary>Makes the guest, and what it said, what they were then.</summary>
    public void GoBackTo(GuestMoment moment)
    {
        _console.Rewind(moment);
        _death = 0;
    }

    /// <summary>Runs so many instructions.</summary>
    public void RunInstructions(ulong count) => Assert.That(_console.RunToIcount(Icount + count), Is.True);

    /// <summary>Runs until the next instruction is one of the kernel.</summary>
    public void RunToKernelMode()
    {
        const ulong step = 211;
        for (ulong steps = 0; Processor.Cpl != 0 || Processor.Halted; steps++)
        {
            Assert.That(steps, Is.LessThan(1_000_000), "the kernel does nothing any more");
            Pass(step);
        }
    }

    /// <summary>Runs to the next instruction of user mode.</summary>
    public void RunToUserMode()
    {
        for (ulong steps = 0; Processor.Cpl != 3; steps++)
        {
            Assert.That(steps, Is.LessThan(1_000_000), "user mode is not reached");
            Pass(1);
        }
    }

    /// <summary>Lets an interrupt come in and runs to its handler.</summary>
    /// <param name="latency">What <see cref="LatencyOfInterrupt"/> said, where something may be received meanwhile that was typed before.</param>
    public void RunToInterruptHandler(ulong latency = 0)
    {
        Interrupt();
        Pass(latency - Math.Min(latency, WayToHandler));
        RunTo(ReceiveHandler);
    }

    /// <summary>Guest nanoseconds that pass between the arrival of a character and the first instruction of its interrupt: the UART waits whether more come.</summary>
    public ulong LatencyOfInterrupt()
    {
        GuestMoment here = Now();
        ulong start = Clock;
        RunToInterruptHandler();
        ulong handled = Clock;
        GoBackTo(here);
        Interrupt();
        do
            RunTo("asm_common_interrupt"); // those of other devices too
        while (Clock + WayToHandler < handled);
        ulong latency = Clock - start;
        GoBackTo(here);
        return latency;
    }

    /// <summary>Lets an interrupt come in.</summary>
    public void Interrupt() => Guest.Machine.Inject(InputSource.Serial1, "x"u8.ToArray());

    /// <summary>Lets an NMI come in.</summary>
    public void InterruptByNmi() => Guest.Machine.Inject(InputSource.Nmi, default);

    /// <summary>
    /// Instruction counts, from here to the next instruction of user mode or to the death of the kernel, at which the processor stands in the assembler code through which the kernel is
    /// entered and left; one for each address. Not IRET: the kernel takes a fault in it for one of user mode, and ends the process. The machine stays where it is.
    /// </summary>
    public IReadOnlyList<ulong> PlacesInEntryCode()
    {
        const int most = 1_000_000;
        (ulong start, ulong end) = (_symbols.AddressOf("__entry_text_start"), _symbols.AddressOf("__entry_text_end"));
        ulong iret = _symbols.AddressOf("native_irq_return_iret");
        GuestMoment here = Now();
        Dictionary<ulong, ulong> places = [];
        ulong death = _symbols.AddressOf("ow_crash");
        for (int steps = 0; (steps == 0 || Processor.Cpl == 0 || places.Count == 0) && Processor.State.Rip != death; steps++)
        {
            Assert.That(steps, Is.LessThan(most), "user mode is not reached");
            ulong rip = Processor.State.Rip;
            if (Processor.Cpl == 0 && rip != iret && ((rip >= start && rip < end) || _symbols.Describe(rip).StartsWith("sync_regs", StringComparison.Ordinal)))
                places.TryAdd(rip, Icount);
            RunInstructions(1);
        }

        GoBackTo(here);
        return [.. places.Values];
    }

    /// <summary>A word of the kernel's memory.</summary>
    public ulong Word(ulong linear)
    {
        Assert.That(new KernelMemory(Guest.Machine.Memory, Processor).TryRead(linear, out ulong word), Is.True, $"nothing at {linear:x}");
        return word;
    }

    /// <summary>Of the highest page table in force the entry by which the kernel has all memory mapped: where it is mapped itself.</summary>
    public ulong EntryOfDirectMap
    {
        get
        {
            const int bytesOfEntry = 39; // log2
            const ulong entries = 512;
            return KernelInstance.DirectMap + (Processor.State.Cr3 & ~0xfffUL) + ((KernelInstance.DirectMap >> bytesOfEntry) % entries * sizeof(ulong));
        }
    }

    /// <summary>Writes a word of the kernel's memory, as a stray store of it might.</summary>
    public void Overwrite(ulong linear, ulong value)
    {
        foreach (MemoryPatch patch in new KernelMemory(Guest.Machine.Memory, Processor).Patch(linear, BitConverter.GetBytes(value))!)
            Guest.Machine.Inject(InputSource.Memory, patch.ToInput());
        RunInstructions(1);
    }

    /// <summary>A general register.</summary>
    public ulong Register(GeneralRegister register) => Processor.State.Registers()[(int)register];

    /// <summary>Puts a value into a general register, as a wrong instruction might.</summary>
    public void SetRegister(GeneralRegister register, ulong value) =>
        Guest.Machine.InjectNow(InputSource.Register, new RegisterPatch((ushort)register, value).ToInput());

    /// <summary>From the first instruction of a function, runs to the one by which it returns.</summary>
    public void RunToReturn()
    {
        const byte ret = 0xc3;
        ulong sp = Register(GeneralRegister.Rsp);
        for (int steps = 0; Register(GeneralRegister.Rsp) != sp || (byte)Word(Processor.State.Rip) != ret; steps++)
        {
            Assert.That(steps, Is.LessThan(1_000_000), $"it does not return: {Tail()}");
            RunInstructions(1);
        }
    }

    /// <summary>Runs until the kernel has noticed what is wrong with it.</summary>
    public void RunToDeath()
    {
        _death = _console.Debug.Length;
        Assert.That(TryRunTo("ow_crash_run", StepLimit), Is.True, $"the kernel does not die: {Tail()}");
    }

    /// <summary>Breaks the kernel where it stands and runs until it has noticed.</summary>
    public void Kill() => Assert.That(TryKill(), Is.True, $"the kernel does not die: {Tail()}");

    /// <summary>Breaks the kernel where it stands and runs until it has noticed.</summary>
    /// <returns>False when it did not: a kernel survives a fault in an instruction that may fault, such as those that copy from user space.</returns>
    /// <param name="kind">How.</param>
    /// <param name="within">Guest nanoseconds that it may take.</param>
    public bool TryKill(PanicKind kind = PanicKind.Bug, ulong within = 300_000_000)
    {
        Break(kind);
        return TryRunToDeath(within);
    }

    /// <summary>Runs until the kernel has died by itself.</summary>
    /// <param name="within">Guest nanoseconds.</param>
    public bool TryRunToDeath(ulong within)
    {
        _death = _console.Debug.Length;
        return TryRunTo("ow_crash_run", within);
    }

    /// <summary>Breaks the kernel where it stands.</summary>
    public void Break(PanicKind kind) => new PanicInjector(Guest, _symbols).Apply(kind);

    /// <summary>Runs until the resurrected processes run.</summary>
    public void WaitForGate() => Assert.That(Wait(_console.Debug, _death, "ow: gate-open"), Is.True, $"the gate stays closed: {Tail()}");

    /// <summary>Runs until all scenarios are reaped.</summary>
    public void WaitForEnd() => Assert.That(Wait(_console.Lines[0], 0, "= witness done"), Is.True, $"no end: {Tail()}");

    /// <summary>What a scenario says of itself: <c>ok</c>, or what is wrong; null when it has said nothing.</summary>
    public string? Verdict(string name)
    {
        foreach (string line in _console.Lines[0].From(0).Split('\n').SkipLast(1)) // the last one is still being said
        {
            string text = line.Trim('\r');
            if (text.StartsWith($"= {name} ", StringComparison.Ordinal) && !text.EndsWith(" ready", StringComparison.Ordinal))
                return text[(name.Length + 3)..];
        }

        return null;
    }

    /// <summary>Runs until a scenario has said how it went, or everything has ended.</summary>
    public string? WaitForVerdict(string name)
    {
        ulong last = Guest.Machine.Clock.Now + StepLimit;
        while (Verdict(name) is null && _console.Lines[0].Find(0, "= witness done") is null && Guest.Machine.Clock.Now < last)
            Pass(1_000_000);
        return Verdict(name);
    }

    /// <summary>Gives the shell on ttyS0 a command and takes what it prints.</summary>
    public string Ask(string command)
    {
        int said = _console.Lines[0].Length;
        Type($"{command}; echo end-of-$(({said}))");
        string end = string.Create(CultureInfo.InvariantCulture, $"end-of-{said}");
        Assert.That(Wait(_console.Lines[0], said, end), Is.True, $"the shell does not answer '{command}': {Processes()}{Tail()}");
        return _console.Lines[0].From(said);
    }

    /// <summary>The end of what the guest said, for messages.</summary>
    public string Tail()
    {
        string console = _console.Lines[0].From(Math.Max(0, _console.Lines[0].Length - 1500));
        string marks = _console.Debug.From(Math.Max(0, _console.Debug.Length - 2500));
        return $"at {Place}\n--- ttyS0\n{console}\n--- marks\n{marks}";
    }

    /// <summary>All processes, by the shell on ttyS1: when the one on ttyS0 is what went wrong.</summary>
    private string Processes()
    {
        int said = _console.Lines[1].Length;
        TypeOn(1, "\ncat /proc/[0-9]*/stat | cut -c1-60; for p in /proc/2[0-9]; do cat $p/wchan; done; cat /proc/2[0-9]/syscall; echo end-of-$((1))\n");
        Wait(_console.Lines[1], said, "end-of-1");
        return _console.Lines[1].From(said);
    }

    /// <inheritdoc/>
    public void Dispose() => Guest.Dispose();

    private bool Wait(Transcript where, int from, string text)
    {
        ulong last = Guest.Machine.Clock.Now + StepLimit;
        while (where.Find(from, text) is null)
        {
            if (Guest.Machine.Clock.Now >= last || !_console.Pass(1_000_000))
                return false;
        }

        return true;
    }

    private bool TryRunTo(string symbol, ulong within)
    {
        ulong address = _symbols.AddressOf(symbol);
        ulong last = Guest.Machine.Clock.Now + within;
        RunResult result = default;
        Processor.SetBreakpoint(address, enabled: true);
        Processor.PassBreakpoint(true); // where the machine stands is not where it is to come to
        while (Guest.Machine.Clock.Now < last && result.Reason != StopReason.Breakpoint)
        {
            result = _console.Run(Guest.Machine.Clock.Now + 100_000_000);
            if (result.Reason is not (StopReason.Breakpoint or StopReason.Limit))
                break;
        }

        Processor.SetBreakpoint(address, enabled: false);
        return result.Reason == StopReason.Breakpoint;
    }
}
