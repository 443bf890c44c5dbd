using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Otherworld.Guest.Experiments;

namespace System.Tests.Explore;

/// <summary>The page of a recorded demo: what it is told is compared with what is known of the run from elsewhere, and a browser uses it.</summary>
[TestFixture]
public sealed class ExploreTests
{
    private string _folder = "";
    private ExploreProcess? _page;
    private DemoResult? _demo;

    private string RunPath => Path.Combine(_folder, "run");

    [OneTimeSetUp]
    public async Task Serve()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-explore-").FullName;
        using (DemoRun demo = new(new DemoOptions { Image = Images.Otherworld, Seed = 1, Record = RunPath }))
            _demo = demo.Run();
        Assert.That(_demo.Success, Is.True, _demo.Verdict);
        _page = new ExploreProcess(RunPath, "--out", Path.Combine(_folder, "forks"));
        await _page.WaitUntilWhole(0);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        _page?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task The_timeline_has_the_demo_s_phases_at_their_instructions()
    {
        JsonElement run = await _page!.Get("/api/run/0");
        JsonElement[] events = [.. run.GetProperty("events").EnumerateArray()];
        foreach ((string phase, string mark) in ((string, string)[])[("armed", "armed"), ("gate-open", "gate-open"), ("crash-kernel", "crash-kernel-init")])
        {
            ulong wanted = _demo!.Phases.Last(found => found.Name == phase).Icount;
            ulong there = events.Last(item => item.GetProperty("name").GetString() == mark).GetProperty("icount").GetUInt64();
            Assert.That(there, Is.InRange(wanted, wanted + 1000), phase); // the rest of the line
        }

        ulong fault = events.First(item => item.GetProperty("kind").GetString() == "fault").GetProperty("icount").GetUInt64();
        Assert.That(fault, Is.EqualTo(_demo!.Panics[0].Icount));
        Assert.That(run.GetProperty("deaths").GetArrayLength(), Is.EqualTo(1));
        Assert.That(run.GetProperty("problem").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Any_instruction_is_shown_and_the_same_one_looks_the_same_from_both_sides()
    {
        ulong[] places = [150_000_001, 150_000_002, 350_000_000, 1_234_567];
        List<string> seen = [];
        foreach (ulong place in places)
        {
            JsonElement moment = await _page!.Get($"/api/run/0/at/{place}");
            Assert.That(moment.GetProperty("icount").GetUInt64(), Is.EqualTo(place));
            Assert.That(moment.GetProperty("code").EnumerateArray().Count(line => line.GetProperty("is_next").GetBoolean()), Is.EqualTo(1));
            seen.Add(moment.GetRawText());
        }

        Assert.That(seen[0], Is.Not.EqualTo(seen[1]));
        foreach ((ulong place, string before) in places.Zip(seen).Reverse())
            Assert.That((await _page!.Get($"/api/run/0/at/{place}")).GetRawText(), Is.EqualTo(before));
    }

    [Test]
    public async Task Registers_are_those_that_replay_stops_with()
    {
        const ulong place = 200_000_123;
        string snapshot = Path.Combine(_folder, "point.snapshot");
        Assert.That(Cli.Run("replay", RunPath, "--goto", place.ToString(CultureInfo.InvariantCulture), "--save", snapshot, "--verify").Status, Is.Zero);
        JsonElement moment = await _page!.Get($"/api/run/0/at/{place}");
        string tasks = Cli.Run("inspect", snapshot, "tasks", "--json").Output;
        using var inspected = JsonDocument.Parse(tasks);
        int[] wanted = [.. inspected.RootElement.GetProperty("tasks").EnumerateArray().Where(task => !task.GetProperty("kernel_thread").GetBoolean()).Select(task => task.GetProperty("pid").GetInt32())];
        Assert.That(moment.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("pid").GetInt32()), Is.EqualTo(wanted).And.Not.Empty);
        (Emu.Core.Snapshots.SnapshotManifest manifest, Emu.Core.Snapshots.MemorySnapshot contents) = Emu.Core.Snapshots.SnapshotFile.Read(snapshot);
        using var guest = Otherworld.Guest.Boot.GuestMachine.FromSnapshot(manifest, contents, [], new Emu.Core.Machine.MachineOutputs());
        string rip = guest.Processor.State.Rip.ToString("x16", CultureInfo.InvariantCulture);
        Assert.That(moment.GetProperty("registers").EnumerateArray().First(register => register.GetProperty("name").GetString() == "RIP").GetProperty("value").GetString(), Is.EqualTo(rip));
    }

    [Test]
    public async Task Pages_of_who_came_back_were_adopted_and_none_is_lost()
    {
        JsonElement run = await _page!.Get("/api/run/0");
        string mark = run.GetProperty("events").EnumerateArray().Select(item => item.GetProperty("detail").GetString()!).First(detail => detail.Contains("comm=counter", StringComparison.Ordinal));
        Dictionary<string, string> said = mark.Split(' ').Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        JsonElement areas = await _page!.Get($"/api/run/0/death/0/memory/{said["pid"]}");
        string[] fates = [.. areas.EnumerateArray().SelectMany(area => area.GetProperty("pages").EnumerateArray()).Select(page => page.GetProperty("fate").GetString()!)];
        Assert.That(fates.Count(fate => fate == "adopted"), Is.EqualTo(int.Parse(said["adopted"], CultureInfo.InvariantCulture)).And.GreaterThan(50));
        Assert.That(fates, Has.None.EqualTo("lost"));
        JsonElement rows = await _page!.Get("/api/run/0/death/0");
        Assert.That(rows.EnumerateArray().Count(row => row.GetProperty("before").ValueKind != JsonValueKind.Null && row.GetProperty("after").ValueKind != JsonValueKind.Null), Is.GreaterThanOrEqualTo(6));
    }

    [Test]
    public async Task A_fault_injected_on_the_page_kills_a_kernel_and_the_fork_replays()
    {
        JsonElement fork = await _page!.Post("/api/run/0/fork/150000000?fault=null-deref");
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"{_page.Address.Replace("http", "ws", StringComparison.Ordinal)}/api/fork/{fork.GetProperty("fork").GetInt32()}/tty"), CancellationToken.None);
        await Read(socket, "generation 1 died");
        JsonElement ended = await _page.Post($"/api/fork/{fork.GetProperty("fork").GetInt32()}/end");
        string path = fork.GetProperty("path").GetString()!;
        CliResult replay = Cli.Run("replay", path, "--verify", "--json");
        Assert.That((replay.Status, replay.Json("verdict"), replay.Json("complete")), Is.EqualTo((0, "identical", "True")), replay.Error);
        int number = ended.GetProperty("run").GetInt32();
        await _page.WaitUntilWhole(number);
        Assert.That((await _page.Get($"/api/run/{number}")).GetProperty("deaths").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_fork_takes_what_is_typed()
    {
        ulong armed = _demo!.Phases.First(phase => phase.Name == "shell").Icount;
        JsonElement fork = await _page!.Post($"/api/run/0/fork/{armed}");
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"{_page.Address.Replace("http", "ws", StringComparison.Ordinal)}/api/fork/{fork.GetProperty("fork").GetInt32()}/tty"), CancellationToken.None);
        await socket.SendAsync(Encoding.ASCII.GetBytes("echo sum-$((40+2))\n"), WebSocketMessageType.Binary, true, CancellationToken.None);
        await Read(socket, "sum-42");
        await _page.Post($"/api/fork/{fork.GetProperty("fork").GetInt32()}/end");
    }

    [Test]
    public async Task Strangers_and_nonsense_are_refused_in_one_line()
    {
        using HttpRequestMessage foreign = new(HttpMethod.Get, _page!.Address + "/api/run/0");
        foreign.Headers.Host = "example.org";
        using HttpRequestMessage crossSite = new(HttpMethod.Post, _page.Address + "/api/run/0/fork/1");
        crossSite.Headers.Add("Origin", "http://example.org");
        foreach (HttpRequestMessage request in (HttpRequestMessage[])[foreign, crossSite])
        {
            using HttpResponseMessage refused = await _page.Http.SendAsync(request);
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        }

        foreach (string path in (string[])["/api/run/7", "/api/run/0/at/abc", "/api/run/0/death/9", "/api/run/0/death/0/memory/4711", "/api/run/0/console/9"])
        {
            using HttpResponseMessage answer = await _page.Http.GetAsync(_page.Address + path);
            Assert.That((answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Split('\n').Length), Is.EqualTo((HttpStatusCode.BadRequest, 1)), path);
        }
    }

    [Test]
    public void A_port_in_use_and_a_folder_that_is_no_run_are_said_in_one_line()
    {
        string port = new Uri(_page!.Address).Port.ToString(CultureInfo.InvariantCulture);
        foreach ((string[] arguments, int status) in ((string[], int)[])[(["explore", RunPath, "--port", port], 3), (["explore", _folder], 2), (["explore", RunPath, "--port", "x"], 2)])
        {
            CliResult result = Cli.Run(arguments);
            Assert.That((result.Status, result.Error.Trim().Split('\n').Length), Is.EqualTo((status, 1)), result.Error);
        }
    }

    /// <summary>The page itself, in Debian's Chromium, driven by Playwright: see browser/explore.mjs.</summary>
    [Test]
    public void A_browser_shows_it_and_every_control_works()
    {
        foreach ((string program, string package) in ((string, string)[])[("chromium", "chromium"), ("npm", "npm")])
        {
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
                Assert.Ignore($"needs {program}: apt-get install {package}");
        }

        string browser = Path.Combine(_folder, "browser");
        Directory.CreateDirectory(browser);
        foreach (string file in (string[])["package.json", "package-lock.json", "explore.mjs"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Explore", "browser", file), Path.Combine(browser, file));
        (int status, string said) = Start(browser, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=0");
        if (status != 0)
            Assert.Ignore($"npm could not get Playwright: {said}");
        (status, said) = Start(browser, "node", "explore.mjs", _page!.Address, Path.Combine(_folder, "screenshot.png"));
        Assert.That(status, Is.Zero, said);
    }

    private static (int Status, string Said) Start(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static async Task Read(ClientWebSocket socket, string wanted)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        StringBuilder text = new();
        byte[] bytes = new byte[4096];
        while (!text.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(bytes.AsMemory(), patience.Token);
            text.Append(Encoding.ASCII.GetString(bytes, 0, received.Count));
            Assert.That(received.MessageType, Is.EqualTo(WebSocketMessageType.Binary), text.ToString());
        }
    }
}
