using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Lapic;

/// <summary>
/// The local APIC of the one processor: xAPIC registers at FEE00000H, x2APIC registers as MSRs, timer, local vector table. SDM 3A 11 (names too).
/// </summary>
/// <remarks>
/// Power-on state is the one a PC's firmware leaves: LINT0 unmasked as ExtINT and LINT1 as NMI (virtual wire mode), although the APIC is
/// software-disabled. INTR of the 8259 pair reaches the processor through an unmasked ExtINT LINT0 whether or not the APIC is
/// software-enabled, and directly while it is disabled in IA32_APIC_BASE. The timer's clock is the tick (1 GHz, CPUID 15H).
/// </remarks>
public sealed partial class LocalApic : Device<LocalApic.State>, ILocalApic, IMovableMmio, ITimedDevice
{
    /// <summary>MAXPHYADDR assumed for the reserved bits of IA32_APIC_BASE.</summary>
    public const int PhysicalAddressBits = 40;

    private const uint ApicId = 0;
    private const ulong DefaultBase = 0xFEE0_0000;
    private const ulong BaseEnable = 1 << 11, BaseExtd = 1 << 10, BaseBsp = 1 << 8;
    private const ulong BaseAddress = ((1UL << PhysicalAddressBits) - 1) & ~0xFFFUL;

    private readonly MachineClock _clock;
    private readonly EventQueue _events;
    private readonly LocalApicWiring _wiring;
    private readonly int _slot;

    public LocalApic(MachineClock clock, EventQueue events, LocalApicWiring wiring)
        : base("lapic")
    {
        _clock = clock;
        _events = events;
        _wiring = wiring;
        _slot = events.Register(this, 0);
        Lint0 = new Pin(this, 0);
        Lint1 = new Pin(this, 1);
        Reset();
    }

    /// <summary>LINT0: INTR of the 8259 pair.</summary>
    public IIrqLine Lint0 { get; }

    /// <summary>LINT1: the NMI pin.</summary>
    public IIrqLine Lint1 { get; }

    /// <inheritdoc/>
    public ulong ApicBase => S.ApicBase;

    /// <inheritdoc cref="ILocalApic.MmioBase"/>
    public ulong MmioBase => (S.ApicBase & (BaseEnable | BaseExtd)) == BaseEnable ? S.ApicBase & BaseAddress : ulong.MaxValue;

    /// <inheritdoc/>
    public byte TaskPriority
    {
        get => (byte)(S.Tpr >> 4);
        set => S.Tpr = (uint)(value & 15) << 4;
    }

    /// <inheritdoc/>
    public bool NmiPending => S.Nmi != 0;

    /// <inheritdoc/>
    public bool Pending => ExtIntPending || Deliverable() >= 0;

    private bool HardwareEnabled => (S.ApicBase & BaseEnable) != 0;

    private bool X2Apic => (S.ApicBase & BaseExtd) != 0;

    private bool SoftwareEnabled => (S.Svr & SvrEnable) != 0;

    private bool ExtIntPending => S.Lint0Level != 0
        && (!HardwareEnabled || (S.LvtLint0 & (LvtMasked | LvtDeliveryMode)) == (uint)DeliveryMode.ExtInt << 8);

    /// <inheritdoc/>
    public byte Acknowledge()
    {
        if (ExtIntPending && _wiring.Pic is { } pic)
            return pic.Acknowledge();
        int vector = Deliverable();
        if (vector < 0)
            return (byte)S.Svr; // the request was withdrawn: spurious (SDM 3A 11.9)
        S.Irr.Remove(vector);
        S.Isr.Add(vector);
        return (byte)vector;
    }

    /// <inheritdoc/>
    public bool TakeNmi()
    {
        bool pending = S.Nmi != 0;
        S.Nmi = 0;
        return pending;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        S.ApicBase = DefaultBase | BaseEnable | BaseBsp;
        ResetRegisters();
    }

    /// <summary>The highest request that its priority class lets through, or -1. SDM 3A 11.8.3.</summary>
    private int Deliverable()
    {
        int request = S.Irr.Highest;
        return request >= 0 && (uint)(request & 0xF0) > (ProcessorPriority() & 0xF0) ? request : -1;
    }

    private uint ProcessorPriority()
    {
        int inService = Math.Max(S.Isr.Highest, 0);
        return (S.Tpr & 0xF0) >= (uint)(inService & 0xF0) ? S.Tpr : (uint)(inService & 0xF0);
    }

    private void ResetRegisters()
    {
        byte lint0 = S.Lint0Level, lint1 = S.Lint1Level, nmi = S.Nmi;
        ulong apicBase = S.ApicBase;
        S = default;
        S.ApicBase = apicBase;
        S.Lint0Level = lint0;
        S.Lint1Level = lint1;
        S.Nmi = nmi;
        S.Svr = 0xFF;
        S.Dfr = 0xFFFF_FFFF;
        S.LvtTimer = S.LvtThermal = S.LvtPerformance = S.LvtError = LvtMasked;
        S.LvtLint0 = (uint)DeliveryMode.ExtInt << 8;
        S.LvtLint1 = (uint)DeliveryMode.Nmi << 8;
        _events.Cancel(_slot);
    }

    /// <summary>All registers.</summary>
    public struct State
    {
        /// <summary>IA32_APIC_BASE, IA32_TSC_DEADLINE (in ticks), and the tick at which the timer's count was loaded.</summary>
        public ulong ApicBase, TscDeadline, TimerStart;
        public VectorSet Irr, Isr, Tmr;
        public uint Tpr, Ldr, Dfr, Svr, Esr, EsrPending;
        public uint IcrLow, IcrHigh, InitialCount, DivideConfiguration;
        public uint LvtTimer, LvtThermal, LvtPerformance, LvtLint0, LvtLint1, LvtError;

        /// <summary>Levels of the pins, a latched NMI, and whether the timer counts.</summary>
        public byte Lint0Level, Lint1Level, Nmi, TimerCounts;
        public uint Reserved;
    }

    private sealed class Pin(LocalApic apic, int number) : IIrqLine
    {
        private readonly LocalApic _apic = apic;
        private readonly int _number = number;

        public void Set(bool level) => _apic.SetLint(_number, level);
    }
}
