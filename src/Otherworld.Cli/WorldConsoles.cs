using Emu.Core.Devices;
using Emu.Core.Host;

namespace Otherworld.Cli;

/// <summary>Where the serial consoles of the machines of a world go: one to the terminal, others to their files.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="terminalName">The machine whose console the terminal is.</param>
/// <param name="terminal">The terminal.</param>
internal sealed class WorldConsoles(WorldOptions options, string terminalName, IByteSink terminal) : IDisposable
{
    private readonly WorldOptions _options = options;
    private readonly string _terminalName = terminalName;
    private readonly IByteSink _terminal = terminal;
    private readonly List<(FileStream File, StreamSink Sink)> _files = [];

    /// <summary>The console of a machine. A file that the machine file names is written for the machine at the terminal too.</summary>
    public IByteSink Of(string name)
    {
        bool isTerminal = name == _terminalName;
        if (_options.Plan?.Machines.Single(machine => machine.Name == name).Console is not { } path)
            return isTerminal ? _terminal : NullSink.Instance;
        FileStream file = HostFile.Create(path, $"console of '{name}'");
        var sink = new StreamSink(file);
        _files.Add((file, sink));
        return isTerminal ? new DoubleSink(_terminal, sink) : sink;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((FileStream file, StreamSink sink) in _files)
        {
            sink.Dispose();
            file.Dispose();
        }
    }

    private sealed class DoubleSink(IByteSink first, IByteSink second) : IByteSink
    {
        public void Write(ReadOnlySpan<byte> bytes)
        {
            first.Write(bytes);
            second.Write(bytes);
        }
    }
}
