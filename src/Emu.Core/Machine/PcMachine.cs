using System.IO.Hashing;
using Emu.Core.Bus;
using Emu.Core.Devices.AcpiPm;
using Emu.Core.Devices.Coprocessor;
using Emu.Core.Devices.Debug;
using Emu.Core.Devices.I8042;
using Emu.Core.Devices.IoApic;
using Emu.Core.Devices.Lapic;
using Emu.Core.Devices.Pic;
using Emu.Core.Devices.Pit;
using Emu.Core.Devices.Reset;
using Emu.Core.Devices.Rtc;
using Emu.Core.Devices.Uart;
using Emu.Core.Devices.Virtio;
using Emu.Core.Devices.Watchdog;
using Emu.Core.Irq;
using Emu.Core.Memory;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Machine;

/// <summary>
/// The composition root: everything a machine is hangs from here. The order in which <see cref="PcMachine(MachineDescription, MachineOutputs, Func{MachineParts, IProcessor}, IReadOnlyList{Func{MachineParts, VirtioSlot, IDevice}?}?)"/>
/// builds its devices is the order of their events at equal ticks and of their sections in a snapshot.
/// </summary>
public sealed partial class PcMachine : ISnapshotable, IDisposable
{
    private readonly List<IDevice> _devices = [];
    private readonly Uart16550[] _uarts;

    /// <param name="description">What to build.</param>
    /// <param name="outputs">Where it talks to.</param>
    /// <param name="processor">Builds the processor.</param>
    /// <param name="virtio">Builds the device of each virtio slot from slot 0 on; null leaves a slot empty. A device claims its registers and
    /// its interrupt itself. Must agree with <see cref="MachineDescription.Virtio"/>.</param>
    public PcMachine(
        MachineDescription description,
        MachineOutputs outputs,
        Func<MachineParts, IProcessor> processor,
        IReadOnlyList<Func<MachineParts, VirtioSlot, IDevice>?>? virtio = null)
    {
        Check.That((virtio?.Count ?? 0) == description.Virtio.Length, "description and virtio devices differ");
        Description = description;
        Memory = new GuestMemory(description.MemorySize);
        Clock = Add(new MachineClock());
        Events = Add(new EventQueue(Clock));
        Stop = Add(new StopLatch());
        Unclaimed = Add(new UnclaimedAccesses(Stop, description.Strict));
        var ports = new PortBus(Unclaimed);
        var mmio = new MmioBus(Unclaimed);
        var bus = new SystemBus(ports, mmio);

        var wiring = new LocalApicWiring();
        Lapic = Add(new LocalApic(Clock, Events, wiring));
        Pic = Add(new Pic8259(Lapic.Lint0));
        IoApic = Add(new IoApic82093(Lapic));
        wiring.Pic = Pic;
        wiring.IoApic = IoApic;
        Interrupts = Add(new IrqRouter(Pic.SetInput, IoApic.SetInput));
        Pit = Add(new Pit8254(Clock, Events, Interrupts.Attach(0)));
        Rtc = Add(new Rtc146818(Clock, Events, Interrupts.Attach(8), description.RtcEpoch, description.MemorySize));
        Keyboard = Add(new Keyboard8042(Interrupts.Attach(1), Stop));
        _uarts =
        [
            Add(new Uart16550("uart0", 0x3F8, Clock, Events, Interrupts.Attach(4), outputs.Serial0)),
            Add(new Uart16550("uart1", 0x2F8, Clock, Events, Interrupts.Attach(3), outputs.Serial1)),
            Add(new Uart16550("uart2", 0x3E8, Clock, Events, Interrupts.Attach(4), outputs.Serial2)),
            Add(new Uart16550("uart3", 0x2E8, Clock, Events, Interrupts.Attach(3), outputs.Serial3)),
        ];
        var coprocessor = Add(new CoprocessorError(Interrupts.Attach(CoprocessorError.Irq)));
        AcpiPm = Add(new AcpiPmBlock(Clock, Interrupts.Attach(AcpiPmBlock.SciIrq), Stop));
        var debugConsole = Add(new DebugConsole(outputs.DebugConsole));
        var debugExit = Add(new DebugExit(Stop));
        var postCode = Add(new PostCode());
        var resetControl = Add(new ResetControl(Stop));
        Watchdog = Add(new NmiWatchdog(Clock, Events, Lapic.Lint1, () => Processor!, description.WatchdogTicks, description.WatchdogStayTicks));

        mmio.RegisterMovable(Lapic);
        IoApic.Attach(mmio);
        Pic.Attach(ports);
        Pit.Attach(ports);
        Rtc.Attach(ports);
        Keyboard.Attach(ports);
        foreach (Uart16550 uart in _uarts)
            uart.Attach(ports);
        coprocessor.Attach(ports);
        AcpiPm.Attach(ports);
        debugConsole.Attach(ports);
        debugExit.Attach(ports);
        postCode.Attach(ports);
        resetControl.Attach(ports);

        Parts = new MachineParts(description, Memory, bus, Lapic, Clock, Events, Stop, mmio, Interrupts, coprocessor);
        for (int slot = 0; slot < description.Virtio.Length; slot++)
        {
            if (virtio![slot] is { } make)
                Add(make(Parts, new VirtioSlot(slot)));
        }

        NetworkCards = [.. _devices.OfType<VirtioNet>()];
        VirtioConsole = _devices.OfType<VirtioConsole>().FirstOrDefault();
        Processor = Add(processor(Parts));
    }

    /// <summary>What this machine is.</summary>
    public MachineDescription Description { get; }

    /// <summary>What its processor and virtio devices are connected to.</summary>
    public MachineParts Parts { get; }

    public GuestMemory Memory { get; }

    public MachineClock Clock { get; }

    public EventQueue Events { get; }

    public StopLatch Stop { get; }

    public UnclaimedAccesses Unclaimed { get; }

    public LocalApic Lapic { get; }

    public Pic8259 Pic { get; }

    public IoApic82093 IoApic { get; }

    public IrqRouter Interrupts { get; }

    public Pit8254 Pit { get; }

    public Rtc146818 Rtc { get; }

    public Keyboard8042 Keyboard { get; }

    public AcpiPmBlock AcpiPm { get; }

    public NmiWatchdog Watchdog { get; }

    public IProcessor Processor { get; }

    /// <summary>COM1 to COM4.</summary>
    public IReadOnlyList<Uart16550> Uarts => _uarts;

    /// <summary>The network cards, in the order of their slots.</summary>
    public IReadOnlyList<VirtioNet> NetworkCards { get; }

    /// <summary>hvc0; null in a machine without.</summary>
    public VirtioConsole? VirtioConsole { get; }

    /// <summary>Every part with state, in device order: the sections of a snapshot.</summary>
    public IReadOnlyList<IDevice> Devices => _devices;

    /// <summary>Power-on: every device as freshly built, RAM cleared. Load images again afterwards.</summary>
    public void PowerOn()
    {
        Memory.Clear();
        _inputs.Clear();
        _settledTick = EventQueue.Never;
        foreach (IDevice device in _devices)
            device.Reset();
        Processor.DropCaches();
    }

    /// <summary>After state was written from outside: lets every device recompute what it derives.</summary>
    public void Restored()
    {
        foreach (IDevice device in _devices)
            device.Restored();
        Processor.DropTranslations();
    }

    /// <summary>XxHash3 over every section in device order and over RAM: equal states, equal hashes.</summary>
    public ulong StateHash()
    {
        var hash = new XxHash3();
        var pages = new PageHasher(hash);
        foreach (IDevice device in _devices)
        {
            hash.Append(device.StateBytes);
            (device as IVisitable)?.Visit(pages);
        }

        Memory.AppendTo(hash);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDevice device in _devices)
            (device as IDisposable)?.Dispose();
        Memory.Dispose();
    }

    private T Add<T>(T device)
        where T : IDevice
    {
        _devices.Add(device);
        return device;
    }
}
