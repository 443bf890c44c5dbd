namespace Emu.Core.Irq;

/// <summary>One interrupt line into a controller. The level is state of the receiver, so there is one truth.</summary>
public interface IIrqLine
{
    /// <summary>Drives the line. Repeating the same level does nothing.</summary>
    void Set(bool level);
}
