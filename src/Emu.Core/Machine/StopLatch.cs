using Emu.Core.State;

namespace Emu.Core.Machine;

/// <summary>Where a device asks the machine to stop after the current instruction. The first request counts until it is taken.</summary>
public sealed class StopLatch() : Device<StopLatch.State>("stop")
{
    /// <summary>Something asked for a stop.</summary>
    public bool IsRequested => S.Reason != 0;

    /// <summary>Asks for a stop.</summary>
    public void Request(StopReason reason, uint value = 0)
    {
        if (S.Reason != 0)
            return;
        S.Reason = (byte)reason;
        S.Value = value;
    }

    /// <summary>Takes the request back, so that the machine may go on.</summary>
    public RunResult Take()
    {
        var result = new RunResult((StopReason)S.Reason, S.Value);
        S = default;
        return result;
    }

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>The request.</summary>
    public struct State
    {
        public uint Value;
        public byte Reason;
        public byte Reserved0, Reserved1, Reserved2;
    }
}
