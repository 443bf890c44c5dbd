namespace Emu.X86.Tests.Supervisor;

/// <summary>Tests that have a bare machine each, in the mode of their fixture.</summary>
/// <param name="enter">Brings a new machine into that mode.</param>
public abstract class BareMachineTests(Action<BareMachine> enter)
{
    private readonly Action<BareMachine> _enter = enter;

    /// <summary>The machine of the running test.</summary>
    protected BareMachine Machine { get; private set; } = null!;

    [SetUp]
    public void SetUp()
    {
        Machine = new BareMachine();
        _enter(Machine);
    }

    [TearDown]
    public void TearDown() => Machine.Dispose();

    /// <summary>Another machine in place of this one, for the test that needs another mode.</summary>
    protected void StartOver(Action<BareMachine> mode)
    {
        Machine.Dispose();
        Machine = new BareMachine();
        mode(Machine);
    }
}
