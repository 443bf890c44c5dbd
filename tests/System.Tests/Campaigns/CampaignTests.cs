using Emu.Core;
using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Faults;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;

namespace System.Tests.Campaigns;

/// <summary>Campaigns with real guests.</summary>
[TestFixture]
public sealed class CampaignTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("campaign").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_campaign_that_was_killed_goes_on_and_ends_as_one_that_was_not()
    {
        CampaignPlan plan = new CampaignPlanner(Image, TestContext.Progress.WriteLine).Make([CampaignApps.Find("counter")], CampaignPlanner.Sweep, 4, 1, "none");
        string whole = Path.Combine(_folder, "whole.jsonl");
        IReadOnlyList<ExperimentRow> rows = Run(plan, whole, workers: 2);
        Assert.Multiple(() =>
        {
            Assert.That(rows, Has.Count.EqualTo(4));
            Assert.That(plan.Experiments.Select(experiment => experiment.Twice), Is.EqualTo([true, false, false, false]));
            Assert.That(plan.Header.Apps.Single().Image, Is.EqualTo(Image(CampaignApps.Find("counter")).Identity));
            // How often it survives is what campaigns measure, and no matter of this test.
            Assert.That(rows.Select(row => row.Verdict), Is.All.Matches<Verdict>(Verdicts.IsDeath).And.Some.EqualTo(Verdict.Correct));
            Assert.That(rows.Where(row => row.Reason.Length > 0).Select(row => row.Verdict), Has.None.EqualTo(Verdict.Correct));
            Assert.That(rows.Select(row => row.Death), Is.All.EqualTo("exception"));
            Assert.That(rows.Select(row => row.Interruption?.Icount), Is.All.GreaterThan(1_000_000UL));
        });

        // What a killed run leaves: whole lines, and a part of one.
        string torn = Path.Combine(_folder, "torn.jsonl");
        File.WriteAllText(torn, rows[0].ToJson() + "\n" + rows[1].ToJson()[..50]);
        IReadOnlyList<ExperimentRow> again = Run(plan, torn, workers: 1);
        Assert.That(CampaignMerge.Merge(plan, [.. rows, .. again], out IReadOnlyList<string> missing), Has.Count.EqualTo(4), "equal rows count once; others would be refused");
        Assert.That(missing, Is.Empty);
        Assert.That(again, Has.Count.EqualTo(4));
    }

    [Test]
    public void A_warm_state_from_the_disk_gives_the_rows_of_one_that_was_booted()
    {
        List<string> said = [];
        WarmStore store = new(Path.Combine(_folder, "warm"), "none", said.Add);
        CampaignPlan plan = new CampaignPlanner(Image, said.Add) { Store = store }.Make([CampaignApps.Find("counter")], CampaignPlanner.Panics, 2, 3, "none");
        string[] booted = [.. Run(plan, Path.Combine(_folder, "booted.jsonl"), workers: 1).Select(row => row.ToJson())];
        said.Clear();
        Assert.That(RunFrom(store, "stored.jsonl"), Is.EqualTo(booted));
        Assert.That(said, Is.Empty, "nothing was booted, and nothing was wrong");

        // Another program must show that it comes to that state; and damage is found, said, and replaced.
        Assert.That(RunFrom(new WarmStore(Path.Combine(_folder, "warm"), "other", said.Add), "other.jsonl"), Is.EqualTo(booted));
        Assert.That(said, Has.Some.Contains("saved by commit none").And.Some.EqualTo("counter: boots and comes under load"));
        said.Clear();
        string pack = Directory.EnumerateFiles(Path.Combine(_folder, "warm", "pages")).MaxBy(file => new FileInfo(file).Length)!;
        byte[] bytes = File.ReadAllBytes(pack);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(pack, bytes);
        store = new WarmStore(Path.Combine(_folder, "warm"), "other", said.Add);
        Assert.That(RunFrom(store, "damaged.jsonl"), Is.EqualTo(booted));
        Assert.That(said, Has.Some.StartWith("counter: boots again: "));

        string[] RunFrom(WarmStore from, string name)
        {
            string path = Path.Combine(_folder, name);
            using (RowLog log = RowLog.Open(path))
                new CampaignRun(plan, Image, said.Add) { Store = from }.Run(Shard.Whole, log, 1, _ => { }, CancellationToken.None);
            return [.. RowLog.Read(path).Select(row => row.ToJson())];
        }
    }

    [Test]
    public void Code_that_was_translated_before_the_snapshot_stays_so_at_its_restore()
    {
        if (!EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: nothing is translated.");
        CampaignPlan plan = new CampaignPlanner(Image, TestContext.Progress.WriteLine).Make([CampaignApps.Find("counter")], CampaignPlanner.Panics, 1, 1, "none");
        using CampaignGuest guest = new CampaignRun(plan, Image, TestContext.Progress.WriteLine).Open("counter");
        X86Processor processor = guest.Console.Guest.Processor;
        guest.Restart();
        Assert.That(guest.Console.RunToIcount(guest.Warm!.Icount + CrashDraw.Window));
        HashSet<ulong> before = [.. processor.TranslatedBlocks().Where(block => block.IsCurrent).Select(block => block.Start)];
        guest.Restart();
        HashSet<ulong> after = [.. processor.TranslatedBlocks().Where(block => block.IsCurrent).Select(block => block.Start)];
        TestContext.Out.WriteLine($"{before.Count} blocks before the restore, {after.Count} after it");
        Assert.That(before, Has.Count.GreaterThan(1000));
        Assert.That(after.IsSubsetOf(before));
        // What is gone lay in pages that held something else at the snapshot.
        Assert.That(after.Count, Is.GreaterThan(0.9 * before.Count));
    }

    [TestCase("heap")]
    [TestCase("stack")]
    public void Faults_in_the_kernels_data_find_its_types(string fault)
    {
        CampaignPlan drawn = new CampaignPlanner(Image, TestContext.Progress.WriteLine).Make([CampaignApps.Find("counter")], CampaignPlanner.Sweep, 1, 1, "none");
        ulong trigger = FaultSpec.Parse(drawn.Experiments[0].Fault).Trigger; // an instruction of the kernel
        CampaignPlan plan = CampaignPlan.Of(drawn.Header, [drawn.Experiments[0] with { Fault = $"{fault},trigger={trigger},seed=7" }]);
        ExperimentRow row = Run(plan, Path.Combine(_folder, "data.jsonl"), workers: 1).Single();
        Assert.That(row.Verdict, Is.Not.EqualTo(Verdict.Invalid), row.Reason);
    }

    /// <summary>The kernel hangs, and the way of the watchdog's NMI into it is gone too.</summary>
    [Test, Category("Slow")]
    public void A_death_that_nobody_notices_is_counted_as_one()
    {
        ExperimentRow row = Die("counter", fault => fault with { Site = PanicKinds.Name(PanicKind.HangIrqOff) }, guest => Write(guest, "asm_exc_nmi", 0xEB, 0xFE));
        Assert.Multiple(() =>
        {
            Assert.That(row.Verdict, Is.EqualTo(Verdict.NoCrashKernel), row.Reason);
            Assert.That(row.Death, Is.EqualTo("unnoticed"));
            Assert.That(row.PanicSymbol, Does.StartWith("asm_exc_nmi"));
        });
    }

    /// <summary>What the fault changes is never executed; the kernel dies when the editor is told to save and end.</summary>
    [TestCase("vi", "__x64_sys_fsync")]
    [TestCase("joe", "__x64_sys_unlink")]
    [Category("Slow")]
    public void A_death_under_the_look_at_the_application_is_one_too(string app, string call)
    {
        ExperimentRow row = Die(app, fault => fault with { Class = "nop", Site = "panic" }, guest =>
        {
            // Nothing beside it makes that call.
            Assert.That(guest.Console.Type(1, "kill %1\n") && guest.Console.Pass(100_000_000));
            Write(guest, call, 0x0F, 0x0B);
        });
        Assert.Multiple(() =>
        {
            Assert.That(row.Verdict, Is.EqualTo(Verdict.Correct), row.Reason);
            Assert.That(row.Death, Is.EqualTo("exception"));
            Assert.That(row.PanicSymbol, Does.StartWith(call));
        });
    }

    /// <summary>The kernel runs on, and does nothing any more: no lock is given back, or interrupts stay off in HLT.</summary>
    [TestCase("mutex_unlock", new byte[] { 0xC3 }, "panic")]
    [TestCase("default_idle", new byte[] { 0xFA, 0xF4, 0xC3 }, "hang")]
    [Category("Slow")]
    public void A_kernel_that_works_no_more_notices_it_in_the_end(string function, byte[] code, string death)
    {
        ExperimentRow row = Die("vi", fault => fault with { Class = "nop", Site = "panic" }, guest => Write(guest, function, code));
        Assert.That((row.Verdict, row.Death), Is.EqualTo((Verdict.Correct, death)), row.Reason);
    }

    [Test, Category("Slow")]
    public void An_application_that_has_ended_is_not_asked()
    {
        ExperimentRow row = Die(
            "vi",
            fault => fault with { Class = "nop", Site = "panic" },
            guest => guest.Console.Type(1, "kill -9 $(grep -l '^vi$' /proc/[0-9]*/comm | cut -d/ -f3)\n"));
        Assert.That((row.Verdict, row.Reason), Is.EqualTo((Verdict.Unnoticed, "vi has ended, and the kernel lives")));
    }

    [Test]
    public void The_published_mixes_make_twenty_mistakes_at_once()
    {
        ICampaignApp[] apps = [CampaignApps.Find("counter")];
        CampaignPlanner planner = new(Image, TestContext.Progress.WriteLine);
        Assert.That(planner.Make(apps, "palix", 5, 1, "none").Experiments.Select(experiment => FaultSpec.Parse(experiment.Fault).Count), Is.All.EqualTo(20));
        planner = new(Image, TestContext.Progress.WriteLine) { Faults = 2 };
        Assert.That(planner.Make(apps, "rio", 5, 1, "none").Experiments.Select(experiment => FaultSpec.Parse(experiment.Fault).Count), Is.All.EqualTo(2));
        Assert.That(() => planner.Make(apps, CampaignPlanner.Panics, 5, 1, "none"), Throws.TypeOf<OtherworldException>());
    }

    [Test, Category("Slow")]
    public void Each_application_comes_under_load_and_is_judged([Values("vi", "joe", "redis", "mariadb", "apache")] string app)
    {
        CampaignPlan plan = new CampaignPlanner(Image, TestContext.Progress.WriteLine).Make([CampaignApps.Find(app)], CampaignPlanner.Panics, 3, 1, "none");
        IReadOnlyList<ExperimentRow> rows = Run(plan, Path.Combine(_folder, "rows.jsonl"), workers: 2);
        foreach (ExperimentRow row in rows)
            TestContext.Out.WriteLine(row.ToJson());
        Assert.That(rows, Has.Count.EqualTo(3));
        Assert.That(rows.Select(row => row.Verdict), Is.All.Matches<Verdict>(Verdicts.IsDeath));
        bool isObserved = CampaignApps.Find(app).Observer is not null;
        Assert.That(rows.Where(row => row.Verdict == Verdict.Correct).Select(row => row.Observation?.Acknowledged > 50), Is.All.EqualTo(isObserved), "the log of the machine that lives on decides");
    }

    /// <summary>The first experiment of a plan, with another fault, and more that is changed when it comes.</summary>
    private static ExperimentRow Die(string name, Func<FaultSpec, FaultSpec> change, Action<CampaignGuest> atFault)
    {
        ICampaignApp app = CampaignApps.Find(name);
        Experiment drawn = new CampaignPlanner(Image, TestContext.Progress.WriteLine).Make([app], CampaignPlanner.Panics, 1, 1, "none").Experiments[0];
        using CampaignGuest guest = new(app, Image(app));
        guest.Enter(guest.Profile(guest.WarmUp()));
        return new ExperimentRun(guest, "none").Run(drawn with { Fault = change(FaultSpec.Parse(drawn.Fault)).ToString() }, () => atFault(guest));
    }

    /// <summary>Changes the first instruction of a function: to a jump to itself, or to UD2.</summary>
    private static void Write(CampaignGuest guest, string function, params byte[] code)
    {
        GuestMachine machine = guest.Console.Guest;
        foreach (MemoryPatch patch in new KernelMemory(machine.Machine.Memory, machine.Processor).Patch(guest.Symbols.AddressOf(function), code)!)
            machine.Machine.Inject(InputSource.Memory, patch.ToInput());
    }

    private static IReadOnlyList<ExperimentRow> Run(CampaignPlan plan, string path, int workers)
    {
        using (RowLog log = RowLog.Open(path))
            new CampaignRun(plan, Image, TestContext.Progress.WriteLine).Run(Shard.Whole, log, workers, _ => { }, CancellationToken.None);
        return RowLog.Read(path);
    }

    private static GuestImage Image(ICampaignApp app) => app.Story is null ? Images.Otherworld : Images.Debian;
}
