using Emu.Core.Machine;
using Emu.Core.State;

namespace Emu.Core.Tests;

/// <summary>A processor without instructions: it spins to the deadline or halts, and takes interrupts as a real one would.</summary>
internal sealed class FakeProcessor : Device<FakeProcessor.State>, IProcessor
{
    private const ulong HandlerTicks = 100; // until it takes the next one
    private readonly MachineParts _parts;
    private readonly List<(ulong Tick, byte Vector)> _taken = [];

    public FakeProcessor(MachineParts parts)
        : base("cpu")
    {
        _parts = parts;
        Reset();
    }

    /// <summary>Interrupts taken: when and which; NMI as vector 2.</summary>
    public IReadOnlyList<(ulong Tick, byte Vector)> Taken => _taken;

    public bool UserMode
    {
        get => S.UserMode != 0;
        set
        {
            S.LastUserOrIdle = LastUserOrIdleTick;
            S.UserMode = value ? 1UL : 0;
        }
    }

    public bool Halted
    {
        get => S.Halted != 0;
        set
        {
            if (value == Halted)
                return;
            S.LastUserOrIdle = LastUserOrIdleTick;
            S.Halted = value ? 1UL : 0;
        }
    }

    public bool InterruptsEnabled
    {
        get => S.InterruptsEnabled != 0;
        set => S.InterruptsEnabled = value ? 1UL : 0;
    }

    public ulong InstructionCount => S.Instructions;

    public bool NmiBlocked => false;

    public bool HasRegister(int number) => number == 0;

    public void SetRegister(int number, ulong value) => S.Register = value;

    public int Cpl => UserMode ? 3 : 0;

    public ulong LastUserOrIdleTick => UserMode || Halted ? _parts.Clock.Now : S.LastUserOrIdle;

    public ulong LastLeftTick => S.LastUserOrIdle;

    /// <summary>What handling an interrupt does before the next instruction.</summary>
    public Action<byte>? Handler { get; set; }

    /// <summary>Halts again after each interrupt.</summary>
    public bool IdleLoop { get; set; }

    public RunExit Run(ulong deadline)
    {
        if (_parts.Clock.Now < S.BusyUntil)
            return Spin(Math.Min(deadline, S.BusyUntil));
        if (_parts.Lapic.TakeNmi())
            return Take(2);
        if (InterruptsEnabled && _parts.Lapic.Pending)
            return Take(_parts.Lapic.Acknowledge());
        if (IdleLoop)
            Halted = true;
        return Halted ? RunExit.Halted : Spin(deadline);
    }

    public void DropCaches()
    {
    }

    public void DropTranslations()
    {
    }

    public void Init() => Reset();

    public override void Reset()
    {
        S = default;
        S.InterruptsEnabled = 1;
    }

    private RunExit Spin(ulong deadline)
    {
        S.Instructions += deadline - _parts.Clock.Now;
        _parts.Clock.Now = deadline;
        return RunExit.Deadline;
    }

    private RunExit Take(byte vector)
    {
        Halted = false;
        if (_taken.Count < 10_000)
            _taken.Add((_parts.Clock.Now, vector));
        S.BusyUntil = _parts.Clock.Now + HandlerTicks;
        Handler?.Invoke(vector);
        return RunExit.Bus;
    }

    public struct State
    {
        public ulong Instructions, LastUserOrIdle, BusyUntil;
        public ulong Halted, InterruptsEnabled, UserMode, Register;
    }
}
