using Emu.Core;
using Emu.Core.State;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Faults;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Campaigns;

/// <summary>Makes plans: boots each application once, runs its window once without a fault, and draws points of it.</summary>
public sealed class CampaignPlanner
{
    /// <summary>The set of a panic at every k-th kernel instruction while the application is inside a system call.</summary>
    public const string Sweep = "sweep";

    /// <summary>The set of the ways to die of the demo, evenly, at any kernel instruction.</summary>
    public const string Panics = "panics";

    private const string Panic = "panic";

    /// <summary>One experiment of so many runs twice: the first of them, so that in each plan one does.</summary>
    private const int TwiceEvery = 100;

    private readonly Func<ICampaignApp, GuestImage> _image;
    private readonly Action<string> _progress;

    /// <param name="image">Where an application's image is.</param>
    /// <param name="progress">Told what happens, for a person.</param>
    public CampaignPlanner(Func<ICampaignApp, GuestImage> image, Action<string> progress)
    {
        _image = image;
        _progress = progress;
    }

    /// <summary>What <see cref="PlanHeader.Protected"/> of the plans is; the images must be such.</summary>
    public bool Protected { get; init; }

    /// <summary>Faults in each experiment, all of its class; null for as many as the set has.</summary>
    public int? Faults { get; init; }

    /// <summary>Keeps the warm states for whoever runs the plan; null keeps none.</summary>
    public WarmStore? Store { get; init; }

    /// <summary>Makes one.</summary>
    /// <param name="apps">The applications.</param>
    /// <param name="set">Which faults: <see cref="Sweep"/>, <see cref="Panics"/>, or a set of <see cref="FaultClasses"/>.</param>
    /// <param name="points">Experiments with each of them.</param>
    /// <param name="seed">Draws all of it.</param>
    /// <param name="commit">Of this program.</param>
    public CampaignPlan Make(IReadOnlyList<ICampaignApp> apps, string set, int points, ulong seed, string commit)
    {
        int faults = set is Sweep or Panics ? 1 : FaultClasses.FindSet(set).Faults;
        if (Faults is { } wanted && wanted != faults)
            faults = set is Sweep or Panics ? throw new OtherworldException($"--faults {wanted}: a kernel of the set {set} dies once.") : wanted;
        List<PlannedApp> planned = [];
        List<Experiment> experiments = [];
        foreach (ICampaignApp app in apps)
        {
            _progress($"{app.Name}: boots, comes under load, and runs its window once without a fault");
            GuestImage image = _image(app);
            using CampaignGuest guest = new(app, image);
            WarmState warm = guest.WarmUp();
            Store?.Save(guest);
            CallProfile profile = CallProfile.Take(guest.Console, guest.Symbols, app);
            PlannedApp plan = new()
            {
                Name = app.Name,
                Content = guest.Content,
                Image = image.Identity,
                WarmIcount = warm.Icount,
                WarmHash = warm.Hash,
                Window = app.Window,
                KernelInstructions = profile.Kernel.Total,
                CallInstructions = profile.Calls.Total,
            };
            planned.Add(plan);
            FaultSpec[] drawn = [.. set == Sweep ? SweepOf(app, profile.Calls, points, seed) : Draw(app, profile.Kernel, set, points, seed)];
            foreach ((int point, FaultSpec fault) in drawn.Index())
            {
                experiments.Add(new Experiment
                {
                    Id = $"{app.Name}-{point:d6}",
                    App = app.Name,
                    Fault = (fault with { Trigger = fault.Trigger - warm.Icount, Count = faults }).ToString(),
                    Twice = experiments.Count % TwiceEvery == 0,
                });
            }
        }

        PlanHeader header = new() { Format = PlanHeader.CurrentFormat, Commit = commit, Set = set, Seed = seed, Protected = Protected, Apps = planned, Experiments = experiments.Count };
        return CampaignPlan.Of(header, experiments);
    }

    /// <summary>Every k-th instruction, from a first one that the seed draws. Triggers count from power-on here and in <see cref="Draw"/>.</summary>
    private static IEnumerable<FaultSpec> SweepOf(ICampaignApp app, InstructionSpans spans, int points, ulong seed)
    {
        if (spans.Total < (ulong)points)
            throw new OtherworldException($"{app.Name} executes {spans.Total} instructions in system calls in its window, fewer than the {points} points wanted. Take fewer with --points.");
        ulong step = spans.Total / (ulong)points;
        Prng random = RandomOf(app, seed);
        ulong first = random.Below(step);
        return Enumerable.Range(0, points).Select(point => new FaultSpec(Panic, PanicKinds.Name(PanicKind.Bug), spans.At(first + ((ulong)point * step)), seed));
    }

    /// <summary>Classes by their weights, at any kernel instruction.</summary>
    private static List<FaultSpec> Draw(ICampaignApp app, InstructionSpans spans, string set, int points, ulong seed)
    {
        Prng random = RandomOf(app, seed);
        List<FaultSpec> drawn = [];
        for (int point = 0; point < points; point++)
        {
            (string name, string? site) = set == Panics
                ? (Panic, PanicKinds.Name((PanicKind)random.Below((ulong)PanicKinds.Count)))
                : (FaultClasses.FindSet(set).Draw(ref random).Name, null);
            drawn.Add(new FaultSpec(name, site, spans.At(random.Below(spans.Total)), random.Next()));
        }

        return drawn;
    }

    /// <summary>Each application has a stream of its own: leaving one out changes none of the others.</summary>
    private static Prng RandomOf(ICampaignApp app, ulong seed) => new(seed ^ System.IO.Hashing.XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(app.Name)));
}
