using System.Runtime.CompilerServices;
using Emu.Core.State;

namespace Emu.Core.Irq;

/// <summary>
/// The wires from the devices to the interrupt controllers. Several devices may share a wire (ttyS0 and ttyS2 do): it is high while any of them
/// drives it. As on a PC each ISA interrupt reaches both the 8259 pair and the IO-APIC.
/// </summary>
public sealed class IrqRouter : Device<IrqRouter.State>
{
    /// <summary>Wires: as many as the IO-APIC has pins.</summary>
    public const int LineCount = 24;

    private readonly Action<int, bool>[] _receivers;
    private readonly int[] _sources = new int[LineCount];

    /// <param name="receivers">Told about each change of a wire, in this order.</param>
    public IrqRouter(params Action<int, bool>[] receivers)
        : base("irq") => _receivers = receivers;

    /// <summary>Attaches one more device to a wire; called while the machine is composed.</summary>
    public IIrqLine Attach(int irq)
    {
        Check.That(irq is >= 0 and < LineCount && _sources[irq] < 32);
        return new Line(this, irq, 1U << _sources[irq]++);
    }

    /// <summary>The level of a wire.</summary>
    public bool Level(int irq) => S.Drivers[irq] != 0;

    /// <inheritdoc/>
    public override void Reset() => S = default;

    private void Drive(int irq, uint source, bool level)
    {
        uint before = S.Drivers[irq];
        uint after = level ? before | source : before & ~source;
        S.Drivers[irq] = after;
        if (before == 0 == (after == 0))
            return;
        foreach (Action<int, bool> receiver in _receivers)
            receiver(irq, after != 0);
    }

    /// <summary>Which devices drive each wire high: one bit per device.</summary>
    public struct State
    {
        public Lines Drivers;
    }

    /// <summary>One word per wire.</summary>
    [InlineArray(LineCount)]
    public struct Lines
    {
        private uint _element;
    }

    private sealed class Line(IrqRouter router, int irq, uint source) : IIrqLine
    {
        private readonly IrqRouter _router = router;
        private readonly int _irq = irq;
        private readonly uint _source = source;

        public void Set(bool level) => _router.Drive(_irq, _source, level);
    }
}
