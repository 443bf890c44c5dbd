using System.Diagnostics;

namespace Repo.Tests;

/// <summary>The launcher in a checkout of its own, in which nothing is found but what it needs, with a <c>dotnet</c> that takes a second to build a program that only says that it runs.</summary>
internal sealed class FakeCheckout : IDisposable
{
    private static readonly string[] Tools =
        ["bash", "sh", "env", "cat", "cksum", "dirname", "find", "flock", "grep", "head", "mkdir", "readlink", "rm", "sleep", "sort", "touch", "uname", "chmod"];

    private readonly string _folder = Directory.CreateTempSubdirectory("otherworld-launcher-").FullName;

    /// <param name="product">The file a build ends with: <c>otherworld</c> for a native one, or <c>otherworld.dll</c>.</param>
    /// <param name="hasLinker">gcc is in PATH.</param>
    /// <param name="refused">A build with this among its arguments fails.</param>
    public FakeCheckout(string product, bool hasLinker, string refused = "nothing")
    {
        File.Copy(Path.Combine(Checkout.Root, "otherworld"), Path.Combine(_folder, "otherworld"));
        foreach (string name in (string[])["src", "build", "bin"])
            Directory.CreateDirectory(Path.Combine(_folder, name));
        foreach (string name in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig"])
            File.WriteAllText(Path.Combine(_folder, name), "");
        foreach (string tool in Tools)
            File.CreateSymbolicLink(Path.Combine(_folder, "bin", tool), new[] { "/usr/bin", "/bin" }.Select(folder => Path.Combine(folder, tool)).First(File.Exists));
        string app = Path.Combine(_folder, "artifacts", "launcher", "app");
        AddProgram(
            "dotnet",
            $$"""
            #!/bin/sh
            if [ "$1" != publish ]; then echo runs; exit; fi
            echo "$*" >> '{{_folder}}/builds'
            case "$*" in *{{refused}}*) echo 'x.csproj : error NU1101: no such package'; exit 1;; esac
            sleep 1
            mkdir -p '{{app}}'
            printf '#!/bin/sh\necho runs natively\n' > '{{app}}/{{product}}'
            case {{product}} in *.dll) ;; *) chmod +x '{{app}}/{{product}}';; esac

            """);
        if (hasLinker)
            AddLinker();
    }

    /// <summary>The arguments of each build so far.</summary>
    public string[] Builds => File.ReadAllLines(Path.Combine(_folder, "builds"));

    /// <summary>What starts the launcher.</summary>
    public ProcessStartInfo Launcher()
    {
        ProcessStartInfo start = new("/bin/bash", [Path.Combine(_folder, "otherworld"), "doctor"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = Path.Combine(_folder, "bin");
        return start;
    }

    /// <summary>The processor has no more than x86-64 from now on.</summary>
    public void TakeFeatures()
    {
        string grep = Path.Combine(_folder, "bin", "grep");
        string real = File.ResolveLinkTarget(grep, returnFinalTarget: true)!.FullName;
        File.Delete(grep);
        AddProgram("grep", $"#!/bin/sh\ncase \"$*\" in *cpuinfo*) echo 'flags : fpu';; *) exec {real} \"$@\";; esac\n");
    }

    /// <summary>From now on gcc is in PATH.</summary>
    public void AddLinker() => AddProgram("gcc", "#!/bin/sh\n");

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void AddProgram(string name, string text)
    {
        string path = Path.Combine(_folder, "bin", name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
