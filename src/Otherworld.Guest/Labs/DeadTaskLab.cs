using System.Globalization;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Labs;

/// <summary>Lab 2: a task is read out of the memory of a kernel that is dying.</summary>
internal sealed class DeadTaskLab : LabExercise
{
    private const string Command = "counter";

    /// <inheritdoc/>
    public override int Number => 2;

    /// <inheritdoc/>
    public override string Title => "read a dead task";

    /// <inheritdoc/>
    public override string Document => "2-read-a-dead-task.md";

    /// <inheritdoc/>
    public override IReadOnlyList<LabQuestion> Questions(ulong seed) =>
    [
        new("pid", $"What is the pid of {Command}?"),
        new("parent", $"And the pid of its parent?"),
        new("task_struct", "At which address does its task_struct lie? (0x...)"),
        new("file", "Which regular file under /data has it open? (Its path.)"),
        new("offset", "At which offset does it write next in that file?"),
        new("areas", "How many memory areas does it have?"),
        new("heap", "Where does its heap begin? (0x...)"),
    ];

    /// <inheritdoc/>
    private protected override void Record(LabFolder folder, GuestImage image, ulong seed, string commit) => RecordDemo(folder, image, seed, commit);

    /// <inheritdoc/>
    private protected override IReadOnlyDictionary<string, string> Truth(LabFolder folder, ulong seed)
    {
        KernelInspector kernel = new SnapshotKernel(folder.Dying, KernelChoice.Live, null).Inspect();
        KernelTask task = kernel.Tasks().First(task => task.Name == Command);
        OpenFile file = kernel.Files(task.Pid)!.First(file => file.Path.StartsWith("/data/", StringComparison.Ordinal));
        IReadOnlyList<MemoryArea> areas = kernel.Areas(task.Pid)!;
        return new Dictionary<string, string>
        {
            ["pid"] = Text((ulong)task.Pid),
            ["parent"] = Text((ulong)task.ParentPid),
            ["task_struct"] = Hex(task.Address),
            ["file"] = file.Path,
            ["offset"] = Text((ulong)file.Offset),
            ["areas"] = Text((ulong)areas.Count),
            ["heap"] = Hex(areas.First(area => area.Name == "[heap]").Start),
        };
    }

    private static string Hex(ulong address) => "0x" + address.ToString("x", CultureInfo.InvariantCulture);
}
