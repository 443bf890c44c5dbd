using System.Security.Cryptography;
using System.Text;
using Emu.Core;

namespace Otherworld.Guest.Benchmarks;

/// <summary>
/// The bench program, compiled from <c>bench/guest</c> and <c>bench/kernels</c> by the host's gcc and kept in the cache under the hash of its
/// sources: one static binary for the host and, as process 1 of an initramfs, for every guest.
/// </summary>
internal sealed class GuestProgram
{
    private const string Flags = "-std=gnu17 -O2 -march=x86-64 -static -no-pie -fno-pie -fno-stack-protector -fcf-protection=none -fno-math-errno -Wall -Wextra -Wl,--build-id=none";
    private const string StartFlags = "-m32 -nostdlib -static -no-pie -Wl,--build-id=none,--no-warn-rwx-segments,-N,-Ttext=0x200000,--section-start=.note.Xen=0x201000,-e,start";

    private static readonly string[] Sources = ["guest/main.c", "guest/float.c", "guest/system.c", "kernels/kernels.c"];
    private const string ChainFlags = "-std=gnu17 -O2 -m32 -ffreestanding -fno-stack-protector -fcf-protection=none -fno-pie -mno-sse -nostdlib -static -no-pie -Wall -Wextra -Wl,--build-id=none,--no-warn-rwx-segments,-N,-Ttext=0x100000,-e,start";
    private static readonly string[] OtherInputs = ["guest/bench.h", "guest/start.S", "guest/chain.c"];

    private readonly string _folder;

    private GuestProgram(string folder) => _folder = folder;

    /// <summary>The static program.</summary>
    internal string Program => Path.Combine(_folder, "bench");

    /// <summary>A root file system of which it is process 1.</summary>
    internal string Initramfs => Path.Combine(_folder, "initramfs.cpio");

    /// <summary>The kernel that only says that it runs.</summary>
    internal string StartKernel => Path.Combine(_folder, "start.elf");

    /// <summary>What enters a kernel by its PVH note when a boot loader knows multiboot only.</summary>
    internal string Chain => Path.Combine(_folder, "chain.elf");

    /// <summary>The first digits of the hash over everything it is made of.</summary>
    internal string Hash => Path.GetFileName(_folder);

    /// <summary>The program of this checkout, compiled first when the cache lacks it.</summary>
    /// <param name="cache">The folder of finished ones.</param>
    /// <param name="checkout">The folder <c>bench</c> of the checkout.</param>
    /// <param name="say">Where progress goes.</param>
    /// <exception cref="OtherworldException">There is no compiler, or a source does not compile.</exception>
    internal static GuestProgram FindOrBuild(string cache, string checkout, Action<string> say)
    {
        string gcc = HostTool.FindOrInstall("gcc", "gcc libc6-dev", say);
        string version = HostTool.Run(gcc, ["--version"]).Output.Split('\n')[0];
        string folder = Path.Combine(cache, HashOf(checkout, version));
        if (!Directory.Exists(folder))
        {
            say("compiling the bench program");
            Build(gcc, checkout, folder);
        }

        return new GuestProgram(folder);
    }

    /// <summary>The folder <c>bench</c> of the checkout around this program or the current folder.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    internal static string FindSources()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string bench = Path.Combine(folder.FullName, "bench");
                if (File.Exists(Path.Combine(bench, Sources[0])))
                    return bench;
            }
        }

        throw new OtherworldException("the bench program is compiled from a checkout of the sources, and there is none here.", 3);
    }

    private static string HashOf(string checkout, string compiler)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{compiler}\n{Flags}\n{StartFlags}\n{ChainFlags}\n"));
        foreach (string file in Sources.Concat(OtherInputs))
            hash.AppendData(File.ReadAllBytes(Path.Combine(checkout, file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void Build(string gcc, string checkout, string folder)
    {
        string unfinished = $"{folder}.new-{Environment.ProcessId}";
        Directory.CreateDirectory(unfinished);
        try
        {
            GuestProgram program = new(unfinished);
            Compile(gcc, [.. Flags.Split(' '), "-o", program.Program, .. Sources.Select(file => Path.Combine(checkout, file))]);
            Compile(gcc, [.. StartFlags.Split(' '), "-o", program.StartKernel, Path.Combine(checkout, "guest/start.S")]);
            Compile(gcc, [.. ChainFlags.Split(' '), "-o", program.Chain, Path.Combine(checkout, "guest/chain.c")]);
            CpioArchive root = new();
            foreach (string name in (string[])["dev", "data"])
                root.AddDirectory(name);
            root.AddCharacterDevice("dev/console", 5, 1);
            root.AddProgram("init", File.ReadAllBytes(program.Program));
            File.WriteAllBytes(program.Initramfs, root.Finish());
            if (!Directory.Exists(folder)) // somebody else may have been faster
                Directory.Move(unfinished, folder);
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
    }

    private static void Compile(string gcc, string[] arguments)
    {
        (int status, string output) = HostTool.Run(gcc, arguments);
        if (status != 0)
            throw new OtherworldException($"the bench program does not compile ({HostTool.LastLine(output)}). It needs a C library for static programs: apt-get install gcc libc6-dev", 3);
    }
}
