using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Lockstep;
using Otherworld.Guest.Observing;

namespace Otherworld.Cli;

/// <summary><c>demo</c>: kills a kernel and shows that its processes live on.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        Option<ulong> seed = new("--seed") { Description = "Draws the kind and the point of each crash: the same seed and the same image end in the same state.", DefaultValueFactory = _ => 1, HelpName = "N" };
        Option<int> crashes = new("--crashes") { Description = "How often the guest's kernel is killed, each kernel reviving what the one before it revived.", DefaultValueFactory = _ => 1, HelpName = "N" };
        Option<string?> kind = new("--kind") { Description = "How it is killed, instead of one by seed: null-deref, bug, stack-overflow, corrupt-list, hang or hang-irq-off (interrupts disabled; for both, a watchdog's NMI ends it).", HelpName = "KIND" };
        Option<string?> app = new("--app") { Description = "What is to outlive the kernel: vi, joe, redis, mariadb or apache of Debian 12, in the image 'debian' (built first when it is absent), instead of small programs of ours.", HelpName = "NAME" };
        Option<bool> isProtected = CommonOptions.Protected();
        Option<bool> procedure = new("--procedure") { Description = "The application loads a crash procedure, which saves what only its memory holds and has it started again (mariadb: its MEMORY tables; apache: PHP sessions in APCu)." };
        Option<string?> memory = new("--memory") { Description = "RAM of the guest, a multiple of 2M (512M).", HelpName = "SIZE" };
        Option<string> engine = CommonOptions.Engine();
        Option<string?> lockstep = CommonOptions.Lockstep();
        Option<string?> record = CommonOptions.Record();
        Option<bool> selfContained = CommonOptions.SelfContained();
        Option<string> output = new("--out") { Description = "Folder for the snapshots before each fault and at each panic, of the last ten (boot --from continues them) and for the console logs.", DefaultValueFactory = _ => "out/demo", HelpName = "DIR" };
        Option<string?> image = new("--image") { Description = "Folder of an image to use instead of the one these sources make.", HelpName = "DIR" };
        Option<bool> json = CommonOptions.Json();
        DebuggerOptions debugger = new(hasQmp: false);
        ObserverOptions observer = new();
        Command command = new("demo", "Boot the guest, kill its kernel under load, watch a second kernel bring the processes back, and check them from outside. 0 when every check held, 1 when one did not.")
        {
            seed, app, procedure, crashes, kind, isProtected, memory, engine, lockstep, record, selfContained, output, image, json,
        };
        observer.AddTo(command);
        debugger.AddTo(command);
        command.SetAction(parsed =>
        {
            DebugChoice? debug = debugger.Read(parsed);
            if (debug is not null && parsed.GetResult(lockstep) is not null)
                throw new OtherworldException("--gdb and --lockstep exclude each other. Find the difference first: its report names the instruction.");
            if (parsed.GetValue(crashes) is < 1 or > 1000)
                throw new OtherworldException($"--crashes {parsed.GetValue(crashes)}: wanted is a number from 1 to 1000.");
            if (parsed.GetValue(record) is not null && parsed.GetResult(lockstep) is not null)
                throw new OtherworldException("--record and --lockstep exclude each other: record the run, then replay it with either --engine.");
            if (parsed.GetValue(isProtected) && parsed.GetValue(image) is not null)
                throw new OtherworldException("--protected and --image exclude each other: each names the image to run.");
            DemoApp? about = parsed.GetValue(app) is { } wanted ? DemoApps.Parse(wanted) : null;
            if (parsed.GetValue(procedure) && !DemoApps.HasProcedure(about))
                throw new OtherworldException("--procedure: only mariadb and apache have a crash procedure. Add --app mariadb or --app apache.");
            DemoOptions options = new()
            {
                Procedure = parsed.GetValue(procedure),
                Engine = EngineChoice.Parse(parsed.GetRequiredValue(engine)),
                Lockstep = CommonOptions.ReadLockstep(parsed, lockstep, engine) is { } step ? new LockstepOptions { Step = step, Seed = parsed.GetValue(seed) } : null,
                Record = CommonOptions.ReadRecord(parsed, record, selfContained),
                Debugger = debug is null ? null : target => debug.OpenGdb(target),
                DebugSymbols = debug?.Symbols,
                CheckpointMemory = debug?.Memory ?? 0,
                SelfContained = parsed.GetValue(selfContained),
                Image = parsed.GetValue(image) is { } folder ? GuestImage.Open(folder) : ImageService.OfThisUser().FindOrBuild(DemoApps.ImageOf(about, parsed.GetValue(isProtected))),
                App = about,
                Observer = observer.Read(parsed, about, debug is not null || parsed.GetResult(lockstep) is not null || parsed.GetValue(procedure)),
                Seed = parsed.GetValue(seed),
                Crashes = parsed.GetValue(crashes),
                Kind = parsed.GetValue(kind) is { } name ? PanicKinds.Parse(name) : null,
                MemorySize = parsed.GetValue(memory) is { } size ? Quantity.ParseSize(size) : 512UL << 20,
                Out = parsed.GetValue(output),
                Commit = BuildInfo.Commit,
                Progress = Talk.Line,
            };
            using DemoRun run = new(options);
            DemoResult result = run.Run();
            if (parsed.GetValue(json))
                Console.Out.WriteLine(ToJson(result));
            else
                Print(result);
            return result.Success ? ExitCode.Success : ExitCode.NotMet;
        });
        return command;
    }

    private static string ToJson(DemoResult result)
    {
        CrashRecord? last = result.Panics.Count == 0 ? null : result.Panics[^1];
        return new JsonObject
        {
            ["verdict"] = result.Verdict,
            ["seed"] = result.Seed,
            ["image"] = result.Image,
            ["content"] = result.Content,
            ["app"] = result.App is { } app ? DemoApps.Name(app) : null,
            ["crashes"] = result.Panics.Count,
            ["lost_operations"] = result.LostOperations,
            ["interruption"] = JsonSerializer.SerializeToNode(result.Interruption, CliJson.Default.NullableMoment),
            ["waits"] = JsonSerializer.SerializeToNode(result.Waits, CliJson.Default.WaitTimes),
            ["bytes_read"] = JsonSerializer.SerializeToNode(result.BytesRead, CliJson.Default.DeadReads),
            ["observer"] = JsonSerializer.SerializeToNode(result.Observation, CliJson.Default.Observation),
            ["panic"] = last is null ? null : new JsonObject { ["kind"] = last.Kind, ["icount"] = last.Icount, ["symbol"] = last.Symbol },
            ["panics"] = JsonSerializer.SerializeToNode(result.Panics, CliJson.Default.IReadOnlyListCrashRecord),
            ["memory"] = JsonSerializer.SerializeToNode(result.Memory, CliJson.Default.IReadOnlyListMemoryReading),
            ["phases"] = JsonSerializer.SerializeToNode(result.Phases, CliJson.Default.IReadOnlyListPhase),
            ["processes"] = JsonSerializer.SerializeToNode(result.Processes, CliJson.Default.IReadOnlyListResurrectedProcess),
            ["snapshots"] = new JsonObject { ["before"] = result.SnapshotBefore, ["at"] = result.SnapshotAt },
            ["lockstep_steps"] = result.LockstepSteps,
            ["final_hash"] = result.FinalHash,
        }.ToJsonString(CliJson.Readable.Options);
    }

    private static void Print(DemoResult result)
    {
        Console.Out.WriteLine("phase               instructions      guest time");
        foreach (Phase phase in result.Phases)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{phase.Name,-16} {phase.Icount,15:#,0}  {phase.VtimeNs / 1e6,11:#,0.000} ms"));
        Console.Out.WriteLine();
        Console.Out.WriteLine("  pid command          outcome      seen from outside");
        foreach (ResurrectedProcess process in result.Processes)
            Console.Out.WriteLine($"{process.Pid,5} {process.Comm,-16} {process.Outcome,-12} {process.Check}{(process.Procedure is { } came ? $" (crash procedure: {came})" : "")}");
        Console.Out.WriteLine();
        foreach (CrashRecord panic in result.Panics)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"killed by {panic.Kind} at {panic.Symbol} (instruction {panic.Icount:#,0}), dead {panic.DeathIcount - panic.Icount:#,0} instructions later"));
        if (result.SnapshotBefore is not null)
            Console.Out.WriteLine($"snapshots: {result.SnapshotBefore}, {result.SnapshotAt ?? "none at a panic"}");
        Console.Out.WriteLine($"image {result.Image} (content {result.Content}), seed {result.Seed}, final state {result.FinalHash}");
        if (result.Memory.Count > 0)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory: {result.Memory[0].Total:#,0} KiB with {result.Memory[0].Free:#,0} free after the first death, {result.Memory[^1].Total:#,0} KiB with {result.Memory[^1].Free:#,0} free after the last"));
        if (result.Observation is { } seen)
            Print(seen);
        else if (result.LostOperations is { } lost)
            Console.Out.WriteLine($"acknowledged and lost: {lost}");
        if (result.Interruption is { } pause)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"from death to the next answer: {pause.Icount:#,0} instructions, {pause.VtimeNs / 1e6:#,0.000} ms"));
        Console.Out.WriteLine(result.Success ? "RESURRECTED: the kernel died, its processes did not." : $"NOT RESURRECTED: {result.Verdict}");
    }

    private static void Print(Observation seen)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"observed: {seen.Acknowledged:#,0} operations acknowledged, {seen.Lost} lost, {seen.Duplicated} duplicated, {seen.Corrupted} corrupted; {seen.InDoubt} in doubt, {seen.Refused} refused, {seen.Broken} connections broken"));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest interruption seen: {seen.LongestInterruption.Icount:#,0} instructions of the server, {seen.LongestInterruption.VtimeNs / 1e6:#,0.000} ms"));
    }
}
