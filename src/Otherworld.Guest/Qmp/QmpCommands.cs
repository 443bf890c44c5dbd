using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core.Snapshots;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Dumps;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;
using Monitor = Otherworld.Guest.Debugging.Monitor;

namespace Otherworld.Guest.Qmp;

/// <summary>The commands of the protocol that we know, with QEMU's names and arguments.</summary>
internal sealed class QmpCommands
{
    private const int Chunk = 1 << 20;
    private const string FilePrefix = "file:";

    private readonly QmpServer _server;
    private readonly DebugTarget _target;
    private readonly Version _version;
    private readonly Monitor _monitor;
    private readonly QmpCommand[] _all;

    public QmpCommands(QmpServer server, DebugTarget target, Version version)
    {
        _server = server;
        _target = target;
        _version = version;
        _monitor = new Monitor(target);
        _all =
        [
            new("qmp_capabilities", ["enable"], _ => Done(server.Ready)),
            new("query-commands", [], _ => new JsonArray([.. _all!.Select(command => new JsonObject { ["name"] = command.Name })])),
            new("query-version", [], _ => Version()),
            new("query-status", [], _ => new JsonObject { ["running"] = server.IsRunning, ["status"] = server.Status }),
            new("query-target", [], _ => new JsonObject { ["arch"] = "x86_64" }),
            new("query-cpus-fast", [], _ => new JsonArray(Processor())),
            new("stop", [], _ => Done(server.Stop)),
            new("cont", [], _ => Done(server.Continue)),
            new("quit", [], _ => Done(server.Quit)),
            new("human-monitor-command", ["command-line", "cpu-index"], Monitor),
            new("memsave", ["val", "size", "filename", "cpu-index"], arguments => Save(arguments, _target.Space())),
            new("pmemsave", ["val", "size", "filename"], arguments => Save(arguments, AddressSpace.Physical(_target.Memory))),
            new("dump-guest-memory", ["paging", "protocol", "detach", "format"], Dump),
        ];
    }

    /// <summary>What a client sees first.</summary>
    public JsonObject Greeting() => new() { ["QMP"] = new JsonObject { ["version"] = Version(), ["capabilities"] = new JsonArray() } };

    /// <summary>Carries out a message.</summary>
    /// <param name="message">A JSON value.</param>
    /// <param name="isReady">Something else than <c>qmp_capabilities</c> may be said.</param>
    /// <exception cref="QmpError">It cannot be carried out.</exception>
    public JsonNode? Execute(JsonElement message, bool isReady)
    {
        if (message.ValueKind != JsonValueKind.Object)
            throw new QmpError("QMP input must be a JSON object");
        foreach (JsonProperty member in message.EnumerateObject())
        {
            if (member.Name is not ("execute" or "arguments" or "id"))
                throw new QmpError($"QMP input member '{member.Name}' is unexpected");
        }

        if (!message.TryGetProperty("execute", out JsonElement name) || name.ValueKind != JsonValueKind.String)
            throw new QmpError("QMP input lacks member 'execute', a string");
        QmpCommand command = Array.Find(_all, command => command.Name == name.GetString())
            ?? throw new QmpError($"The command {name.GetString()} has not been found", QmpError.NotFound);
        if (!isReady && command.Name != "qmp_capabilities")
            throw new QmpError("Expecting capabilities negotiation with 'qmp_capabilities'", QmpError.NotFound);
        return command.Run(new QmpArguments(message.TryGetProperty("arguments", out JsonElement arguments) ? arguments : default, command.Parameters));
    }

    private static JsonObject? Done(Action action)
    {
        action();
        return null;
    }

    /// <summary>Our own number in QEMU's place, and who we are.</summary>
    private JsonObject Version() => new()
    {
        ["qemu"] = new JsonObject { ["major"] = _version.Major, ["minor"] = _version.Minor, ["micro"] = Math.Max(_version.Build, 0) },
        ["package"] = "otherworld",
    };

    private static JsonObject Processor() => new()
    {
        ["cpu-index"] = 0,
        ["qom-path"] = "/machine/unattached/device[0]",
        ["thread-id"] = Environment.ProcessId,
        ["target"] = "x86_64",
        ["props"] = new JsonObject { ["core-id"] = 0, ["thread-id"] = 0, ["socket-id"] = 0 },
    };

    private JsonValue Monitor(QmpArguments arguments)
    {
        OnlyProcessor(arguments);
        return JsonValue.Create(_monitor.Execute(arguments.Text("command-line"), () => _server.IsAlone));
    }

    /// <summary>Bytes of memory into a file.</summary>
    private static JsonNode? Save(QmpArguments arguments, AddressSpace? space)
    {
        OnlyProcessor(arguments);
        (ulong address, ulong size) = (arguments.Number("val"), arguments.Number("size"));
        AtomicFile.Write(FileName(arguments.Text("filename")), file =>
        {
            byte[] bytes = new byte[Math.Min(size, Chunk)];
            for (ulong done = 0; done < size; done += (ulong)bytes.Length)
            {
                Span<byte> part = bytes.AsSpan(0, (int)Math.Min(size - done, Chunk));
                int read = space?.Read(address + done, part) ?? 0;
                if (read != part.Length)
                    throw new QmpError($"there is no RAM at 0x{address + done + (ulong)read:x}");
                file.Write(part);
            }
        });
        return null;
    }

    /// <summary>A core file of the kernel that runs, as the verb <c>dump</c> makes one.</summary>
    private JsonNode? Dump(QmpArguments arguments)
    {
        if (arguments.Flag("paging"))
            throw new QmpError("paging is not supported: the file has the kernel's own linear addresses");
        if (arguments.Has("format") && arguments.Text("format") != "elf")
            throw new QmpError("the only format is elf");
        if (arguments.Has("detach") && arguments.Flag("detach"))
            throw new QmpError("detach is not supported");
        string protocol = arguments.Text("protocol");
        if (!protocol.StartsWith(FilePrefix, StringComparison.Ordinal))
            throw new QmpError($"'{protocol}' is not supported: file:PATH is");
        SymbolTable symbols = _target.Symbols ?? throw new QmpError("the kernel's symbols are not known: start with --symbols FILE");
        KernelInstance kernel = new KernelFinder(new MachineMemory(_target.Memory), symbols).Live();
        ElfCore core = new(kernel, CrashRegisters.Of(_target.Guest.Machine.Processor.StateBytes.ToArray()), VmcoreInfo.Of(kernel, symbols), symbols);
        AtomicFile.Write(FileName(protocol[FilePrefix.Length..]), file => core.Write(file, null));
        return null;
    }

    private static string FileName(string path) =>
        path.Length != 0 && !path.Contains('\0', StringComparison.Ordinal) && Path.GetDirectoryName(Path.GetFullPath(path)) is not null ? path : throw new QmpError($"'{path}' is no name of a file");

    private static void OnlyProcessor(QmpArguments arguments)
    {
        if (arguments.Has("cpu-index") && arguments.Number("cpu-index") != 0)
            throw new QmpError("Invalid parameter 'cpu-index': there is one processor, 0");
    }
}
