using Emu.Core;
using Emu.X86.Paging;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>
/// Puts a fault, or several of one class, into a guest that stands at its trigger, and watches what becomes of it while whoever runs the guest goes on running it.
/// All that it changes are inputs of the machine, so that a recording has them; all that it watches with is invisible to the guest.
/// </summary>
/// <remarks>The run stops once at the kernel's death (<see cref="Emu.Core.Machine.StopReason.Breakpoint"/>, <see cref="HasDied"/>); it may go on from there.</remarks>
public sealed class FaultInjector : IStopHandler
{
    private const string CrashEntry = "ow_crash_run"; // images/kernel/otherworld/crash.c
    private const string StockEntry = "panic";

    private readonly IFaultHost _host;
    private readonly SortedDictionary<ulong, List<FaultTrap>> _traps = [];
    private readonly List<ulong> _watched = []; // physical addresses of changed bytes that nobody has accessed yet
    private readonly ulong _death;
    private readonly Func<KernelTypes>? _types;
    private FaultRecord? _record;

    /// <param name="host">The guest and who runs it.</param>
    /// <param name="symbols">Of its kernel.</param>
    /// <param name="profile">Functions to draw sites from; null for all of the kernel's.</param>
    /// <param name="types">Gives the kernel's types; without them there are no faults in its data.</param>
    public FaultInjector(IFaultHost host, SymbolTable symbols, KernelProfile? profile = null, Func<KernelTypes>? types = null)
    {
        _types = types;
        _host = host;
        Symbols = symbols;
        Profile = profile;
        Memory = new KernelMemory(host.Guest.Machine.Memory, host.Guest.Processor);
        Text = new KernelText(Memory, symbols);
        _death = symbols.AddressOf(symbols.TryAddressOf(CrashEntry, out _) ? CrashEntry : StockEntry);
    }

    /// <summary>What is known of the fault by now.</summary>
    /// <exception cref="InternalErrorException">None was injected.</exception>
    public FaultRecord Record => _record ?? throw new InternalErrorException("no fault was injected");

    /// <summary>The kernel has died since the fault was injected.</summary>
    public bool HasDied => _record?.DetectedIcount is not null;

    /// <summary>The guest.</summary>
    internal GuestMachine Guest => _host.Guest;

    /// <summary>Of its kernel.</summary>
    internal SymbolTable Symbols { get; }

    /// <summary>Functions to draw sites from.</summary>
    internal KernelProfile? Profile { get; }

    /// <summary>The guest's memory.</summary>
    internal KernelMemory Memory { get; }

    /// <summary>Its kernel's code.</summary>
    internal KernelText Text { get; }

    /// <summary>Places a fault; the machine stands at its trigger.</summary>
    /// <returns>What is known at once; <see cref="Record"/> tells more as the run goes on.</returns>
    /// <exception cref="OtherworldException">The site is none of the class, or the kernel has none.</exception>
    public FaultRecord Inject(FaultSpec spec)
    {
        Check.That(_record is null, "one injector injects one fault");
        _record = new FaultRecord { Spec = spec, PlacedIcount = Guest.Processor.InstructionCount };
        _host.StopHandler = this;
        SetTrap(_death, static () => { });
        FaultPlacement placement = new(this, spec);
        for (int fault = 0; fault < spec.Count; fault++)
            FaultClasses.Find(spec.Class).Place(placement);
        return Record;
    }

    /// <summary>The living kernel has no process of that name, as far as its structures can be read.</summary>
    /// <param name="command">The command's name.</param>
    public bool HasEnded(string command)
    {
        try
        {
            return ReadKernel() is { } kernel && !new TaskReader(kernel).All().Any(task => task.Name == command && task.State is not ('Z' or 'X'));
        }
        catch (KernelDamageException)
        {
            return false;
        }
    }

    /// <summary>Watches no more.</summary>
    public void Finish()
    {
        foreach (FaultTrap trap in _traps.Values.SelectMany(traps => traps).ToArray())
            RemoveTrap(trap);
        _watched.Clear();
        Guest.Processor.Mmu.Watch([]);
        Guest.Processor.Mmu.ForgetWatchHit();
        _host.StopHandler = null;
    }

    /// <inheritdoc/>
    public bool Handle()
    {
        if (Guest.Processor.Mmu.IsWatchHit)
        {
            Accessed(Guest.Processor.Mmu.WatchHit);
            return true;
        }

        ulong rip = Guest.Processor.State.Rip;
        if (!_traps.TryGetValue(rip, out List<FaultTrap>? traps))
            return false;
        // The last first: a call that a fault makes, or moves, lies within those before it.
        foreach (FaultTrap trap in traps.AsEnumerable().Reverse().ToArray())
        {
            if (Guest.Processor.State.Rip == rip && traps.Contains(trap))
                trap.Handler();
        }

        if (rip != _death)
            return true;
        Die();
        return false;
    }

    /// <summary>Writes to the record.</summary>
    internal void Change(Func<FaultRecord, FaultRecord> change) => _record = change(Record);

    /// <inheritdoc cref="FaultPlacement.At"/>
    internal FaultTrap SetTrap(ulong address, Action handler)
    {
        FaultTrap trap = new(address, handler);
        if (_traps.TryGetValue(address, out List<FaultTrap>? traps))
        {
            traps.Add(trap);
            return trap;
        }

        _traps[address] = [trap];
        _host.SetBreakpoint(address, enabled: true);
        return trap;
    }

    /// <inheritdoc cref="FaultPlacement.Leave"/>
    internal void RemoveTrap(FaultTrap trap)
    {
        if (!_traps.TryGetValue(trap.Address, out List<FaultTrap>? traps) || !traps.Remove(trap) || traps.Count > 0)
            return;
        _traps.Remove(trap.Address);
        _host.SetBreakpoint(trap.Address, enabled: false);
    }

    /// <inheritdoc cref="FaultPlacement.Watch"/>
    internal void Watch(ulong linear)
    {
        Check.That(Memory.TryTranslate(linear, out ulong physical), "what is watched is mapped");
        _host.Run(Guest.Machine.Clock.Now); // the fault itself is applied, and not taken for an access
        if (!_watched.Contains(physical))
            _watched.Add(physical);
        WatchAll();
    }

    /// <inheritdoc cref="FaultPlacement.ReadKernel"/>
    internal KernelReader? ReadKernel() => _types is null ? null : new KernelReader(new KernelFinder(new MachineMemory(Guest.Machine.Memory), Symbols).Live(), Symbols, _types());

    private void WatchAll()
    {
        Guest.Processor.Mmu.Watch([.. _watched.SelectMany(physical => new[] { new WatchedRange(physical, 1, WatchKinds.Read), new WatchedRange(physical, 1, WatchKinds.Write) })]);
        Guest.Processor.Mmu.ForgetWatchHit();
    }

    private void Accessed(WatchedRange hit)
    {
        _watched.Remove(hit.Physical);
        WatchAll();
        Change(record => hit.Kinds == WatchKinds.Read ? record with { ActivatedIcount = record.ActivatedIcount ?? Guest.Processor.InstructionCount }
            : record with { IsOverwritten = !record.IsActivated && _watched.Count == 0 });
    }

    /// <summary>The kernel stands at its way out. What comes then is another kernel, in which nothing is to be caught.</summary>
    private void Die()
    {
        Change(record => DeathPlace.Describe(Guest, Memory, Symbols, record with { DetectedIcount = Guest.Processor.InstructionCount }));
        Finish();
    }
}
