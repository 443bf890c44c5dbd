using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Exploring;
using Otherworld.Guest.Images;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Labs;

/// <summary>Lab 1: a kernel dies, and its processes come back.</summary>
internal sealed class WatchPanicLab : LabExercise
{
    private const long CheckpointMemory = 256L << 20;

    /// <inheritdoc/>
    public override int Number => 1;

    /// <inheritdoc/>
    public override string Title => "watch a panic and come back";

    /// <inheritdoc/>
    public override string Document => "1-watch-a-panic.md";

    /// <inheritdoc/>
    public override IReadOnlyList<LabQuestion> Questions(ulong seed) =>
    [
        new("panic", "At which instruction does the guest say 'ow: panic'? (Instructions since power-on.)"),
        new("died_in", "In which function does the kernel say that it dies? (Its name alone.)"),
        new("came_back", "How many processes of the dead kernel stand at the gate before it opens?"),
        new("adopted", "How many pages did the process named counter keep in place?"),
        new("dead_us", "For how many microseconds of guest time did no process run: from 'ow: panic' to 'ow: gate-open', rounded down?"),
    ];

    /// <inheritdoc/>
    private protected override void Record(LabFolder folder, GuestImage image, ulong seed, string commit) => RecordDemo(folder, image, seed, commit);

    /// <inheritdoc/>
    private protected override IReadOnlyDictionary<string, string> Truth(LabFolder folder, ulong seed)
    {
        using RunExplorer run = new(RunFolder.Open(folder.Run), [], null, CheckpointMemory, null);
        while (run.Learn())
        {
            // To its end.
        }

        RunEvent panic = run.Events.First(item => item.Kind == RunEventKind.Death);
        RunEvent gate = run.Events.First(item => item.Kind == RunEventKind.Gate);
        GuestMark[] revived = [.. run.Events.Where(item => item is { Kind: RunEventKind.Mark, Name: "resurrected" }).Select(item => GuestMark.ReadAll($"ow: {item.Name} {item.Detail}")[0])];
        ulong rip = ulong.Parse(GuestMark.ReadAll($"ow: {panic.Name} {panic.Detail}")[0].Values["ip"].Replace("0x", "", StringComparison.Ordinal), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new Dictionary<string, string>
        {
            ["panic"] = Text(panic.Icount),
            ["died_in"] = run.Symbols!.TryFind(rip, out Symbol function) ? function.Name : throw new OtherworldException("the kernel died outside of all functions: take another seed.", 1),
            ["came_back"] = Text((ulong)revived.Length),
            ["adopted"] = revived.First(mark => mark.Values["comm"] == "counter").Values["adopted"],
            ["dead_us"] = Text((gate.VtimeNs - panic.VtimeNs) / 1000),
        };
    }
}
