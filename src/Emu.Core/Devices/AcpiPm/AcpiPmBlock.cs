using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.AcpiPm;

/// <summary>
/// ACPI fixed hardware as the FADT describes it: PM1 event block at 600H, PM1 control at 604H, PM timer at 608H (ACPI 6.5, 4.8). Always in ACPI
/// mode. Of the events only the power button exists; S5 is the only sleeping state.
/// </summary>
public sealed class AcpiPmBlock : Device<AcpiPmBlock.State>, IPortHandler
{
    /// <summary>First port of the block.</summary>
    public const ushort BasePort = 0x600;

    /// <summary>SLP_TYP of S5, as the DSDT's _S5 names it.</summary>
    public const byte SleepTypeS5 = 5;

    /// <summary>The SCI: level triggered, and free on this machine.</summary>
    public const int SciIrq = 7;

    private const ushort PowerButton = 1 << 8, StatusBits = 0x8531, EnableBits = 0x4521, SciEnabled = 1, SleepEnable = 1 << 13;
    private const ushort ControlBits = 0x1C02;
    private const uint TimerMask = 0xFF_FFFF;

    private readonly MachineClock _clock;
    private readonly IIrqLine _sci;
    private readonly StopLatch _stop;

    public AcpiPmBlock(MachineClock clock, IIrqLine sci, StopLatch stop)
        : base("acpipm")
    {
        _clock = clock;
        _sci = sci;
        _stop = stop;
        Reset();
    }

    /// <summary>Claims the ports.</summary>
    public void Attach(PortBus ports)
    {
        ports.Register(BasePort, 6, AccessWidths.Word, this);
        ports.Register(BasePort + 8, 4, AccessWidths.Dword, this);
    }

    /// <summary>The power button is pressed.</summary>
    public void PressPowerButton()
    {
        S.Status |= PowerButton;
        Update();
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int size) => (port - BasePort) switch
    {
        0 => S.Status,
        2 => S.Enable,
        4 => S.Control | (uint)SciEnabled,
        8 => (uint)Frequency.PmTimer.CountAt(_clock.Now) & TimerMask,
        _ => 0,
    };

    /// <inheritdoc/>
    public void WritePort(ushort port, int size, uint value)
    {
        switch (port - BasePort)
        {
            case 0:
                S.Status &= (ushort)~(value & StatusBits); // writing 1 clears
                break;
            case 2:
                S.Enable = (ushort)(value & EnableBits);
                break;
            case 4:
                S.Control = (ushort)(value & ControlBits);
                if ((value & SleepEnable) != 0 && (value >> 10 & 7) == SleepTypeS5)
                    _stop.Request(StopReason.PowerOff);
                break;
            default: // the timer is read only
                break;
        }

        Update();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        S = default;
        Update();
    }

    private void Update() => _sci.Set((S.Status & S.Enable) != 0);

    /// <summary>PM1_STS, PM1_EN, PM1_CNT.</summary>
    public struct State
    {
        public ushort Status, Enable, Control, Reserved;
    }
}
