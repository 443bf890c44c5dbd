using Emu.Core;
using Emu.Core.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;

namespace Otherworld.Guest.Experiments;

/// <summary>Draws the kind and the point of a crash: uniform over the kernel-mode instructions of a window, by drawing among all instructions until one is.</summary>
public sealed class CrashDraw
{
    /// <summary>Instructions of the window.</summary>
    public const ulong Window = 20_000_000;

    private const int MostDraws = 200;

    private readonly GuestConsole _console;
    private Prng _random;

    /// <param name="console">The machine, standing at the start of the window whenever <see cref="GoToPoint"/> is called.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="crash">Number of the crash, from 0.</param>
    public CrashDraw(GuestConsole console, ulong seed, int crash)
    {
        _console = console;
        _random = new Prng((seed * 1_000_003) + (ulong)crash);
    }

    /// <summary>One kind of all.</summary>
    public PanicKind DrawKind() => (PanicKind)_random.Below((ulong)PanicKinds.Count);

    /// <summary>Runs to the point that was drawn: the next instruction is a kernel instruction.</summary>
    /// <exception cref="OtherworldException">The guest spends no time in its kernel, or stopped inside the window.</exception>
    public void GoToPoint()
    {
        GuestMoment start = _console.Mark();
        ulong first = _console.Guest.Processor.InstructionCount;
        for (int draw = 0; draw < MostDraws; draw++)
        {
            if (!_console.RunToIcount(first + _random.Below(Window)))
                throw new OtherworldException("the guest stopped inside the window of the fault: it does not survive its own load.", 1);
            if (_console.Guest.Processor.Cpl == 0 && !_console.Guest.Processor.Halted)
                return;
            _console.Rewind(start);
        }

        throw new OtherworldException($"none of {MostDraws} points of the window lay in the kernel: is the load running?", 1);
    }
}
