namespace Emu.X86.Exceptions;

/// <content>Delivery in protected and virtual-8086 mode through 8-byte gates (SDM 3A 6.12, 3B 20.3).</content>
public sealed unsafe partial class ExceptionUnit
{
    private bool TryDeliverProtected(in InterruptEvent interrupt) => Fail(Vector.Gp, interrupt.GateError);
}
