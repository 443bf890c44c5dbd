namespace Emu.Core.Irq;

/// <summary>What the processor sees of the interrupt controllers: the INTR and NMI pins and the acknowledge cycle (SDM 3A 6.3.1).</summary>
public interface IInterruptSource
{
    /// <summary>INTR is asserted: some vector would be delivered if RFLAGS.IF allowed it. Cheap: read at every start of a run.</summary>
    bool Pending { get; }

    /// <summary>The acknowledge cycle: returns the vector (0-255) and moves it to in-service.</summary>
    byte Acknowledge();

    /// <summary>An edge arrived at NMI; reading takes it.</summary>
    bool TakeNmi();

    /// <summary>An NMI edge waits to be taken.</summary>
    bool NmiPending { get; }
}
