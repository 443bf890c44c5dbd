using System.Globalization;
using Emu.Core.Devices;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Lockstep;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>The second machine of <c>boot --lockstep</c>: created, loaded and watched like the first, run by the other engine, compared with it.</summary>
internal sealed class BootLockstep : IDisposable
{
    private readonly GuestMachine _twin;
    private readonly LockstepRun _run;

    /// <param name="options">What <c>boot</c> was asked to do.</param>
    /// <param name="guest">The first machine, run by the interpreter.</param>
    /// <param name="console">Its console, switched off while parts of the run are repeated.</param>
    /// <param name="create">Makes the second one with a console of its own.</param>
    /// <param name="symbols">The kernel's, if there are any.</param>
    public BootLockstep(BootOptions options, GuestMachine guest, SwitchedSink console, Func<IByteSink, EngineKind?, GuestMachine> create, SymbolTable? symbols)
    {
        TextWatch watch = new(NullSink.Instance);
        SwitchedSink twinConsole = new(watch);
        if (EngineSupport.WhyNoTranslator is { } reason)
            Talk.Line($"lockstep runs the interpreter against itself: {reason}");
        _twin = create(twinConsole, EngineSupport.Best);
        if (options.Until is not null)
            watch.WaitFor(options.Until, _twin.Machine.Stop);
        _run = new LockstepRun(guest, _twin, new LockstepOptions
        {
            Step = options.Lockstep!.Value,
            Seed = guest.Machine.Description.Seed,
            Symbols = symbols,
            Narrowing = () =>
            {
                console.IsOn = twinConsole.IsOn = false;
                Talk.Line("the machines differ; repeating the last part to find the instruction");
            },
        });
    }

    /// <summary>Runs both.</summary>
    public RunResult Run(ulong limit) => _run.Run(limit);

    /// <summary>Compares everything and says how it went.</summary>
    /// <returns>False when the machines differ.</returns>
    public bool Finish()
    {
        string steps = _run.Steps.ToString("#,0", CultureInfo.InvariantCulture);
        if (_run.Finish() is not { } divergence)
        {
            Talk.Line($"lockstep: equal in all of {steps} steps and in all of RAM at the end");
            return true;
        }

        Talk.Line($"lockstep: after {steps} steps, interpreter | {EngineChoice.Format(EngineSupport.Best)}:");
        Console.Error.Write(divergence.ToString());
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _twin.Dispose();
}
