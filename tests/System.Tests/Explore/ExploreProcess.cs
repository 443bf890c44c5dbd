using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace System.Tests.Explore;

/// <summary>A running <c>explore</c>, and its answers.</summary>
internal sealed partial class ExploreProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Process _process;
    private readonly Task<string> _rest;

    /// <summary>Starts it on a free port and reads where it is.</summary>
    public ExploreProcess(params string[] arguments)
    {
        _process = Process.Start(Cli.Start(new Dictionary<string, string>(), ["explore", .. arguments, "--port", "0"]))!;
        string line = _process.StandardError.ReadLine() ?? "";
        Match match = Url().Match(line);
        Assert.That(match.Success, Is.True, line);
        Address = match.Value;
        _rest = _process.StandardError.ReadToEndAsync(); // so that it never waits for a reader
    }

    /// <summary>The page, without a slash at its end.</summary>
    public string Address { get; }

    public HttpClient Http { get; } = new() { Timeout = Patience };

    public async Task<JsonElement> Get(string path) => Parse(await Http.GetAsync(Address + path));

    public async Task<JsonElement> Post(string path) => Parse(await Http.PostAsync(Address + path, null));

    /// <summary>Waits until all of a run is known.</summary>
    public async Task WaitUntilWhole(int run)
    {
        for (var waited = Stopwatch.StartNew(); !(await Get($"/api/run/{run}")).GetProperty("whole").GetBoolean();)
        {
            Assert.That(waited.Elapsed, Is.LessThan(Patience), "the run is not known in time");
            await Task.Delay(100);
        }
    }

    /// <summary>Ends it as Ctrl-C does; it must take its leave.</summary>
    public void Dispose()
    {
        using (Process kill = Process.Start("kill", ["-INT", _process.Id.ToString(Globalization.CultureInfo.InvariantCulture)])!)
            kill.WaitForExit();
        bool gone = _process.WaitForExit(TimeSpan.FromSeconds(30));
        if (!gone)
            _process.Kill();
        Http.Dispose();
        int status = gone ? _process.ExitCode : -1;
        _process.Dispose();
        Assert.That(status, Is.Zero, $"explore ends with Ctrl-C: {_rest.Result}");
    }

    private static JsonElement Parse(HttpResponseMessage answer)
    {
        using (answer)
        {
            string text = answer.Content.ReadAsStringAsync().Result;
            Assert.That(answer.IsSuccessStatusCode, Is.True, text);
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, 1000)]
    private static partial Regex Url();
}
