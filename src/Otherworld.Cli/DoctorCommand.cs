using System.CommandLine;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Otherworld.Cli;

/// <summary><c>doctor</c>: what is missing on this machine, and the command that helps.</summary>
internal sealed class DoctorCommand
{
    // Program, and the Debian package that brings it. images/build installs them by itself when it runs as root.
    private static readonly (string Program, string Package)[] ImageTools =
        [("gcc", "gcc"), ("make", "make"), ("bc", "bc"), ("bison", "bison"), ("flex", "flex"), ("cpio", "cpio"), ("mke2fs", "e2fsprogs"), ("pahole", "dwarves"), ("xz", "xz-utils")];

    // What a build without it lacks, or what its tests are left out without.
    private static readonly (string Program, string Package)[] LookingTools =
        [("npm", "npm"), ("chromium", "chromium"), ("gdb", "gdb"), ("crash", "crash"), ("drgn", "python3-drgn"), ("makedumpfile", "makedumpfile")];

    public static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("doctor", "Look at SDK, image tools, image cache and processor, and name what helps.");
        command.Options.Add(json);
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        DoctorCheck[] checks = [Runtime(), Host(), .. Tools(), Cache(), Room(), Processor()];
        bool healthy = checks.All(check => check.Ok || !check.Needed);
        if (json)
            Console.Out.WriteLine(new JsonObject { ["healthy"] = healthy, ["checks"] = JsonSerializer.SerializeToNode(checks, CliJson.Default.DoctorCheckArray) }.ToJsonString());
        else
            Print(checks);
        Talk.Line(healthy ? "this machine is ready" : "something is missing; the last column says what helps");
        return healthy ? ExitCode.Success : ExitCode.Environment;
    }

    private static void Print(DoctorCheck[] checks)
    {
        Table table = new Table().AddColumns("", "what", "found", "what helps").Border(TableBorder.Simple);
        foreach (DoctorCheck check in checks)
        {
            string mark = check.Ok ? "[green]ok[/]" : check.Needed ? "[red]missing[/]" : "[yellow]note[/]";
            table.AddRow(mark, Markup.Escape(check.Name), Markup.Escape(check.Found), Markup.Escape(check.Fix));
        }

        AnsiConsole.Write(table);
    }

    private static DoctorCheck Runtime() =>
        new(".NET", Environment.Version.Major >= 10, Needed: true, RuntimeInformation.FrameworkDescription, Environment.Version.Major >= 10 ? "" : "install the .NET 10 SDK");

    private static DoctorCheck Host()
    {
        bool good = OperatingSystem.IsLinux();
        return new DoctorCheck("host", good, Needed: true, $"{RuntimeInformation.OSDescription.Trim()}, {Environment.ProcessorCount} processors", good ? "" : "run on Linux");
    }

    private static IEnumerable<DoctorCheck> Tools()
    {
        bool links = IsInPath("clang") || IsInPath("gcc");
        yield return new DoctorCheck("linker of the program", links, Needed: false, links ? "there: it is native code" : "neither clang nor gcc: it is built for the .NET runtime and starts more slowly", links ? "" : "apt-get install gcc; the next start builds again");
        yield return Check("tools to build images", ImageTools, " (images/build does it when it runs as root)");
        yield return Check("tools to look at guests", LookingTools, "; npm before the build: the terminal in the page of explore; the others for debugging, dumps and their tests");

        static DoctorCheck Check(string name, (string Program, string Package)[] tools, string more)
        {
            string[] missing = [.. tools.Where(tool => !IsInPath(tool.Program)).Select(tool => tool.Package)];
            string fix = missing.Length == 0 ? "" : $"apt-get install {string.Join(' ', missing)}{more}";
            return new DoctorCheck(name, missing.Length == 0, Needed: false, missing.Length == 0 ? "all there" : $"without {string.Join(", ", missing)}", fix);
        }
    }

    private static DoctorCheck Cache()
    {
        string folder = Path.Combine(CacheFolder(), "images");
        string[] images = !Directory.Exists(folder) ? [] : [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        string found = images.Length == 0 ? $"none in {folder}" : $"{string.Join(", ", images)} in {folder}";
        return new DoctorCheck("guest images", images.Contains("otherworld"), Needed: false, found, images.Contains("otherworld") ? "" : "./otherworld image build, or image import FILE");
    }

    private static DoctorCheck Room()
    {
        const long wanted = 8L << 30;
        string folder = CacheFolder();
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder) ?? "/";
        long free = new DriveInfo(folder).AvailableFreeSpace;
        return new DoctorCheck("room for images", free >= wanted, Needed: false, $"{free >> 30} GiB free at {folder}", free >= wanted ? "" : "free 8 GiB, or set OTHERWORLD_CACHE to another disk");
    }

    private static DoctorCheck Processor()
    {
        bool x64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        string features = string.Join(' ', Features().Where(feature => feature.There).Select(feature => feature.Name));
        string found = x64 ? $"x86-64 with {features}" : RuntimeInformation.ProcessArchitecture.ToString();
        return new DoctorCheck("processor", x64, Needed: false, found, x64 ? "" : "instruction tests against the host are skipped here");
    }

    private static IEnumerable<(string Name, bool There)> Features() =>
    [
        ("sse4.2", Sse42.IsSupported), ("popcnt", Popcnt.IsSupported), ("avx2", Avx2.IsSupported), ("bmi2", Bmi2.X64.IsSupported), ("fma", Fma.IsSupported),
    ];

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/sbin", "/usr/sbin"]).Any(folder => folder.Length != 0 && File.Exists(Path.Combine(folder, program)));

    private static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("OTHERWORLD_CACHE") is { Length: > 0 } own)
            return own;
        string caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "otherworld");
    }
}
