using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;
using Otherworld.Guest.Outages;

namespace Otherworld.Cli;

/// <summary><c>outage</c>: how long users wait when a kernel dies, beside a reboot.</summary>
internal static class OutageCommand
{
    private const int MostSeeds = 100;

    public static Command Create()
    {
        Option<string> apps = new("--app") { Description = "Whose users, separated by commas: vi, joe, redis, mariadb, apache.", DefaultValueFactory = _ => "vi,joe,redis,mariadb,apache", HelpName = "NAMES" };
        Option<int> seeds = new("--seeds") { Description = "Deaths of each: seeds 1 to N.", DefaultValueFactory = _ => 3, HelpName = "N" };
        Option<string?> results = new("--results") { Description = "Write the medians as a page for people.", HelpName = "FILE.md" };
        Option<string?> image = new("--image") { Description = "Folder of an image 'debian' to use instead of the one these sources make.", HelpName = "DIR" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("outage", "Measure how long users of an application wait after the death of its kernel, in instructions and guest time, and how long they would for a reboot. 1 when an application did not come back.")
        {
            apps, seeds, results, image, json,
        };
        command.SetAction(parsed =>
        {
            DemoApp[] wanted = [.. parsed.GetRequiredValue(apps).Split(',').Select(DemoApps.Parse)];
            int count = parsed.GetValue(seeds);
            if (count is < 1 or > MostSeeds)
                throw new OtherworldException($"--seeds {count}: wanted is a number from 1 to {MostSeeds}.");
            GuestImage guest = parsed.GetValue(image) is { } folder ? GuestImage.Open(folder) : ImageService.OfThisUser().FindOrBuild("debian");
            OutageStudy study = new(guest, Talk.Line);
            List<Outage> outages = [];
            foreach (DemoApp app in wanted)
            {
                for (ulong seed = 1; seed <= (ulong)count; seed++)
                    outages.Add(study.Measure(app, seed));
            }

            string page = OutagePage.Of(outages, guest.Identity);
            if (parsed.GetValue(results) is { } path)
                Write(path, page);
            Console.Out.Write(parsed.GetValue(json) ? ToJson(outages) : page);
            return outages.TrueForAll(outage => outage.Problem is null) ? ExitCode.Success : ExitCode.NotMet;
        });
        return command;
    }

    private static string ToJson(IEnumerable<Outage> outages) => CliJson.List(outages, outage => new JsonObject
    {
        ["app"] = DemoApps.Name(outage.App),
        ["seed"] = outage.Seed,
        ["kind"] = outage.Kind,
        ["symbol"] = outage.Symbol,
        ["problem"] = outage.Problem,
        ["waits"] = JsonSerializer.SerializeToNode(outage.Waits, CliJson.Default.WaitTimes),
        ["reboot"] = JsonSerializer.SerializeToNode(outage.Reboot, CliJson.Default.NullableMoment),
        ["bytes_read"] = JsonSerializer.SerializeToNode(outage.BytesRead, CliJson.Default.DeadReads),
    }).ToJsonString(CliJson.Readable.Options) + "\n";

    private static void Write(string path, string text)
    {
        using FileStream file = HostFile.Create(path, "page");
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
    }
}
