using Emu.Core;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Faults;
using Otherworld.Guest.Images;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Campaigns;

/// <summary>A machine on which experiments of one application run, one after the other, each from the same warm state.</summary>
public sealed class CampaignGuest : IDisposable
{
    private readonly DemoRun _run;
    private readonly Lazy<KernelTypes> _types;

    /// <param name="app">The application.</param>
    /// <param name="image">The image it is in.</param>
    /// <exception cref="OtherworldException">The image lacks a file.</exception>
    public CampaignGuest(ICampaignApp app, GuestImage image)
    {
        App = app;
        Symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        _types = new Lazy<KernelTypes>(() => KernelTypes.Load(image.Path(ImageRoles.VmlinuxDebug)));
        _run = new DemoRun(new DemoOptions { Image = image, App = app.Story, Observer = app.Observer });
    }

    /// <summary>The application.</summary>
    public ICampaignApp App { get; }

    /// <summary>The guest.</summary>
    public GuestConsole Console => _run.Console;

    /// <summary>Hash over what it boots.</summary>
    public string Content => _run.Console.Guest.ImageHash;

    /// <summary>The state it starts from; null while it has none.</summary>
    public WarmState? Warm { get; private set; }

    /// <summary>Its kernel's symbols.</summary>
    public SymbolTable Symbols { get; }

    /// <summary>Its kernel's types; loaded when the first fault wants them.</summary>
    public KernelTypes Types => _types.Value;

    /// <summary>Boots, starts the application and puts it under load, as the demo does.</summary>
    /// <returns>The state it is in then; this machine may be brought back to it, and others to it.</returns>
    /// <exception cref="OtherworldException">The guest does not come that far.</exception>
    public WarmState WarmUp()
    {
        if ((_run.Boot() ?? _run.StartPrograms() ?? _run.StartWork(0)) is { } problem)
            throw new OtherworldException($"{App.Name} does not come under load: {problem}", 1);
        WarmState state = WarmState.Of(_run.Console);
        Enter(state);
        return state;
    }

    /// <summary>The warm state with what runs behind it.</summary>
    public WarmState Profile(WarmState state)
    {
        KernelProfile profile = KernelProfile.Record(Console, Symbols, App.Window);
        Restart();
        return state with { Profile = profile };
    }

    /// <summary>Makes this machine one that stands in a warm state.</summary>
    /// <param name="state">Of a machine with the same application and image.</param>
    public void Enter(WarmState state)
    {
        _run.Console.Adopt(state.Moment, state.Said);
        Warm = state;
    }

    /// <summary>Back to the warm state.</summary>
    public void Restart()
    {
        Check.That(Warm is not null, "a guest becomes warm first");
        _run.Console.Rewind(Warm!.Moment);
    }

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();
}
