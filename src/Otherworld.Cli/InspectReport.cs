using System.Globalization;
using System.Text.Json.Nodes;
using Emu.Core;
using Otherworld.Guest.Inspection;

namespace Otherworld.Cli;

/// <summary>Prints what <c>inspect</c> finds, for people in the form of ps, /proc and dmesg, or as one line of JSON; below it, what is damaged.</summary>
/// <param name="subject">The kernel.</param>
/// <param name="json">One line of JSON.</param>
internal sealed class InspectReport(SnapshotKernel subject, bool json)
{
    private readonly SnapshotKernel _subject = subject;
    private readonly bool _json = json;

    public void Tasks()
    {
        KernelInspector kernel = _subject.Inspect();
        IReadOnlyList<KernelTask> tasks = kernel.Tasks();
        if (_json)
        {
            Write(kernel, "tasks", CliJson.List(tasks, task => new JsonObject
            {
                ["pid"] = task.Pid,
                ["ppid"] = task.ParentPid,
                ["name"] = task.Name,
                ["state"] = task.State.ToString(),
                ["uid"] = task.UserId,
                ["rss_kib"] = task.ResidentKilobytes,
                ["threads"] = task.Threads,
                ["kernel_thread"] = task.IsKernelThread,
                ["address"] = Hex(task.Address),
            }));
            return;
        }

        Row($"{"pid",7} {"ppid",7} {"uid",6} S {"rss KiB",9} {"threads",7} name");
        foreach (KernelTask task in tasks)
            Row($"{task.Pid,7} {task.ParentPid,7} {task.UserId,6} {task.State} {task.ResidentKilobytes,9} {task.Threads,7} {(task.IsKernelThread ? $"[{task.Name}]" : task.Name)}");
        Say(kernel);
    }

    public void Files(int pid)
    {
        KernelInspector kernel = _subject.Inspect();
        IReadOnlyList<OpenFile> files = kernel.Files(pid) ?? throw NoProcess(pid);
        if (_json)
        {
            Write(kernel, "files", CliJson.List(files, file => new JsonObject
            {
                ["fd"] = file.Descriptor,
                ["path"] = file.Path,
                ["offset"] = file.Offset,
                ["flags"] = Octal(file.Flags),
                ["address"] = Hex(file.Address),
            }));
            return;
        }

        Row($"{"fd",5} {"flags",8} {"offset",12} path");
        foreach (OpenFile file in files)
            Row($"{file.Descriptor,5} {Octal(file.Flags),8} {file.Offset,12} {file.Path}");
        Say(kernel);
    }

    public void Maps(int pid)
    {
        KernelInspector kernel = _subject.Inspect();
        IReadOnlyList<MemoryArea> areas = kernel.Areas(pid) ?? throw NoProcess(pid);
        if (_json)
        {
            Write(kernel, "maps", CliJson.List(areas, area => new JsonObject
            {
                ["start"] = Hex(area.Start),
                ["end"] = Hex(area.End),
                ["permissions"] = area.Permissions,
                ["offset"] = area.Offset,
                ["device"] = Device(area),
                ["inode"] = area.Inode,
                ["name"] = area.Name,
            }));
            return;
        }

        foreach (MemoryArea area in areas)
            Row($"{$"{area.Start:x8}-{area.End:x8} {area.Permissions} {area.Offset:x8} {Device(area)} {area.Inode}",-72} {area.Name}".TrimEnd());
        Say(kernel);
    }

    public void Page(ulong frame)
    {
        KernelInspector kernel = _subject.Inspect();
        PageInfo? page = kernel.Page(frame);
        if (_json)
        {
            Write(kernel, "page", page is null ? null : new JsonObject
            {
                ["pfn"] = page.Frame,
                ["use"] = page.Use,
                ["flags"] = CliJson.List(page.Flags),
                ["references"] = page.References,
                ["mappings"] = page.Mappings,
                ["mapping"] = Hex(page.Mapping),
                ["index"] = page.Index,
                ["users"] = CliJson.List(page.Users, user => new JsonObject { ["pid"] = user.Pid, ["name"] = user.Name, ["address"] = Hex(user.Address), ["writable"] = user.Writable }),
                ["address"] = Hex(page.Address),
            });
            return;
        }

        if (page is not null)
        {
            Row($"page       {page.Frame} (0x{page.Frame:x}), struct page at {page.Address:x16}");
            Row($"use        {page.Use}");
            Row($"flags      {string.Join(' ', page.Flags)}");
            Row($"references {page.References}");
            if (page.Mappings is { } mappings)
                Row($"mappings   {mappings}");
            if (page.Index is { } index)
                Row($"mapping    {page.Mapping:x16}, index {index}");
            foreach (PageUser user in page.Users)
                Row($"mapped by  {user.Pid} ({user.Name}) at {user.Address:x}{(user.Writable ? ", writable" : "")}");
        }

        Say(kernel);
    }

    public void Log()
    {
        string log = new PrintkLog(_subject.Kernel, VmcoreInfo.Of(_subject.Kernel, _subject.Symbols)).Read();
        if (_json)
            Console.Out.WriteLine(new JsonObject { ["generation"] = _subject.Kernel.Generation, ["log"] = CliJson.List(log.Split('\n', StringSplitOptions.RemoveEmptyEntries)) }.ToJsonString());
        else
            Console.Out.Write(log);
    }

    private static OtherworldException NoProcess(int pid) => new($"this kernel has no process {pid}. See: ./otherworld inspect SNAPSHOT tasks", 1);

    private void Write(KernelInspector kernel, string name, JsonNode? found) => Console.Out.WriteLine(new JsonObject
    {
        ["generation"] = _subject.Kernel.Generation,
        [name] = found,
        ["damages"] = CliJson.List(kernel.Damages, damage => new JsonObject { ["where"] = damage.Where, ["address"] = Hex(damage.Address), ["what"] = damage.What }),
    }.ToJsonString());

    private static void Say(KernelInspector kernel)
    {
        foreach (Damage damage in kernel.Damages)
            Row($"damaged: {damage.Where}, at {damage.Address:x16}: {damage.What}");
    }

    private static void Row(string text) => Console.Out.WriteLine(text);

    private static string Device(MemoryArea area) => string.Create(CultureInfo.InvariantCulture, $"{area.Major:x2}:{area.Minor:x2}");

    private static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    private static string Octal(uint value) => "0" + Convert.ToString(value, 8);
}
