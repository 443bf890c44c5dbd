using Emu.Core;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Outages;

/// <summary>
/// Measures how long users wait when a kernel dies: until its crash kernel has brought the application back, and beside it until the same application answers
/// after a reboot. Servers are asked from another machine, editors by keys on a serial line. All in instructions and guest time, so the same on every host.
/// </summary>
/// <param name="image">The image <c>debian</c>.</param>
/// <param name="progress">Told what happens, for a person.</param>
public sealed class OutageStudy(GuestImage image, Action<string> progress)
{
    private readonly GuestImage _image = image;
    private readonly Action<string> _progress = progress;

    /// <summary>One death, and the reboot instead.</summary>
    /// <exception cref="OtherworldException">The guest did not come as far as its death.</exception>
    public Outage Measure(DemoApp app, ulong seed)
    {
        DemoOptions options = new() { Image = _image, App = app, Seed = seed, Observer = DemoApps.IsServer(app) ? new ObserverSettings() : null };
        using DemoRun run = new(options);
        DemoResult result = run.Run();
        if (run.DisksAtDeath is not { } disks || result.Waits is not { } waits)
            throw new OtherworldException($"{DemoApps.Name(app)} with seed {seed} did not come as far as its death: {result.Verdict}", 1);
        Outage outage = new(app, seed, result.Panics[^1].Kind, result.Panics[^1].Symbol, result.Success ? null : result.Verdict, waits, Reboot(options, disks)) { BytesRead = result.BytesRead };
        _progress($"{DemoApps.Name(app)}, seed {seed}: answers after {Millions(waits.Answer)}, after a reboot {Millions(outage.Reboot)} million instructions");
        return outage;
    }

    /// <summary>Power-on with the disk as it was at the death, to the first answer; a server's client is there already, and tries all the time.</summary>
    private static Moment? Reboot(DemoOptions options, DiskContents disks)
    {
        using DemoRun run = new(options);
        disks.PutInto(run.Console.Guest);
        if (run.Boot() is not null)
            return null;
        if (DemoApps.IsServer(options.App!.Value))
        {
            Observer observer = new(run.Console, DemoApps.ServerOf(options.App.Value));
            return observer.Start() is null ? observer.WaitForOperations(1, 0) : null;
        }

        // Another file: what the dead editor left beside its own makes it ask questions.
        Editor editor = DemoApps.EditorOf(options.App.Value);
        return new GuestShell(run.Console, 0).TypeAndWait($"{editor.Command} /work/after-reboot.txt\n", editor.Ready);
    }

    private static string Millions(Moment? moment) => moment is { } some ? (some.Icount / 1e6).ToString("F1", System.Globalization.CultureInfo.InvariantCulture) : "no answer after all:";
}
