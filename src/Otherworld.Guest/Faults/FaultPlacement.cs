using System.Globalization;
using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tracing;

namespace Otherworld.Guest.Faults;

/// <summary>What a <see cref="FaultClass"/> works with: the machine, the draw, and the record that is written meanwhile.</summary>
internal sealed class FaultPlacement
{
    private readonly FaultInjector _injector;
    private Prng _random;
    private ulong? _taken;

    /// <param name="injector">Who injects.</param>
    /// <param name="spec">What.</param>
    public FaultPlacement(FaultInjector injector, FaultSpec spec)
    {
        _injector = injector;
        Spec = spec;
        _random = new Prng(spec.Seed);
    }

    /// <summary>The fault.</summary>
    public FaultSpec Spec { get; }

    /// <summary>The machine.</summary>
    public GuestMachine Guest => _injector.Guest;

    /// <summary>Its kernel's symbols.</summary>
    public SymbolTable Symbols => _injector.Symbols;

    /// <summary>Its kernel's code.</summary>
    public KernelText Text => _injector.Text;

    /// <summary>Its memory as the kernel sees it.</summary>
    public KernelMemory Memory => _injector.Memory;

    /// <summary>Kernel functions that the workload is known to run; null when nobody looked.</summary>
    public KernelProfile? Profile => _injector.Profile;

    /// <summary>A number below a limit, from the fault's seed.</summary>
    public ulong Below(ulong limit) => _random.Below(limit);

    /// <summary>One of several, each as likely.</summary>
    public T OneOf<T>(IReadOnlyList<T> choices) => choices[(int)_random.Below((ulong)choices.Count)];

    /// <summary>Says what the site was drawn from.</summary>
    public void DrewFrom(string words) => _injector.Change(record => record with { DrawnFrom = words });

    /// <summary>Another fault of the same experiment has changed what lies at an address.</summary>
    public bool IsChanged(ulong address) => _injector.Record.Changes.Any(change => change.Address == address);

    /// <summary>Another fault of the same experiment has the call that is made just now.</summary>
    public bool IsTaken => _taken == Guest.Processor.InstructionCount;

    /// <summary>The call that is made just now is a fault's.</summary>
    public void Take() => _taken = Guest.Processor.InstructionCount;

    /// <summary>Changes memory, as an input that the machine takes when it runs on, and notes it.</summary>
    /// <exception cref="InternalErrorException">It is not mapped.</exception>
    public void Patch(ulong address, string place, byte[] after, string what)
    {
        byte[] before = Memory.ReadBytes(address, after.Length);
        Check.That(before.Length == after.Length, "a fault goes where memory is");
        foreach (MemoryPatch patch in Memory.Patch(address, after)!)
            Guest.Machine.Inject(InputSource.Memory, patch.ToInput());
        Note(new FaultChange(Guest.Processor.InstructionCount, address, place, Convert.ToHexStringLower(before), Convert.ToHexStringLower(after), what));
    }

    /// <summary>Sets registers, as inputs of the machine.</summary>
    public void Set(params (GeneralRegister Register, ulong Value)[] values)
    {
        foreach ((GeneralRegister register, ulong value) in values)
            Set((int)register, value);
    }

    /// <summary>Sets a register by its number in <see cref="PatchableRegister"/>.</summary>
    public void Set(int register, ulong value) => Guest.Machine.InjectNow(InputSource.Register, new RegisterPatch((ushort)register, value).ToInput());

    /// <summary>
    /// Changes memory without a note: what a changed call needs on the stack. Where a stack has come to its end nothing is mapped, and nothing written: the first
    /// instruction that uses it faults, as the call would have.
    /// </summary>
    public void Put(ulong address, ulong value)
    {
        foreach (MemoryPatch patch in Memory.Patch(address, BitConverter.GetBytes(value)) ?? [])
            Guest.Machine.InjectNow(InputSource.Memory, patch.ToInput());
    }

    /// <summary>Notes a change.</summary>
    public void Note(FaultChange change) => _injector.Change(record => record with { Changes = [.. record.Changes, change] });

    /// <summary>The fault takes part in what the kernel does, from now on.</summary>
    public void Activate() => _injector.Change(record => record.IsActivated ? record : record with { ActivatedIcount = Guest.Processor.InstructionCount });

    /// <summary>Calls back whenever the machine is about to execute the instruction at an address.</summary>
    public FaultTrap At(ulong address, Action handler) => _injector.SetTrap(address, handler);

    /// <summary>Calls back no more.</summary>
    public void Leave(FaultTrap trap) => _injector.RemoveTrap(trap);

    /// <summary>Activates the fault when a byte is read first; when it is written first, the fault is gone.</summary>
    public void Watch(ulong address) => _injector.Watch(address);

    /// <summary>The kernel's structures.</summary>
    /// <exception cref="OtherworldException">Its types are not known.</exception>
    public KernelReader ReadKernel() => _injector.ReadKernel() ?? throw Refuse("the kernel's types are not known: no vmlinux.debug lies beside its System.map.");

    /// <summary>The <c>task_struct</c> of the task that runs; null where that cannot be told.</summary>
    public ulong? CurrentTask() => new CurrentTask(Guest, Memory, Symbols).Find();

    /// <summary>An advice to whoever wrote the specification.</summary>
    public OtherworldException Refuse(string why) => new(string.Create(CultureInfo.InvariantCulture, $"--fault {Spec}: {why}"));
}
