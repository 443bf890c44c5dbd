using System.CommandLine;
using Emu.Core;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>The options with which a verb lets a debugger in.</summary>
/// <param name="hasQmp">The verb knows <c>--qmp</c> too.</param>
internal sealed class DebuggerOptions(bool hasQmp)
{
    private readonly bool _hasQmp = hasQmp;

    private readonly Option<string?> _gdb = new("--gdb")
    {
        Description = "Let a debugger in: the guest stands still until gdb has connected to this port of this machine (1234; 0 for any), or to this socket.",
        HelpName = "PORT|unix:PATH",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _qmp = new("--qmp")
    {
        Description = "Let a program in that speaks QEMU's machine protocol, on this port of this machine (4444; 0 for any) or this socket. A live guest runs, a replay waits for 'cont'.",
        HelpName = "PORT|unix:PATH",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _memory = new("--checkpoint-memory")
    {
        Description = "With --gdb or --qmp: memory for the checkpoints that reverse execution starts from; 0 to only go forwards.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => "1G",
    };

    private readonly Option<string?> _symbols = new("--symbols")
    {
        Description = "With --gdb or --qmp: System.map or unstripped vmlinux, for the names in what monitor commands answer, and for dumps.",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_gdb);
        if (_hasQmp)
            command.Options.Add(_qmp);
        command.Options.Add(_memory);
        command.Options.Add(_symbols);
    }

    /// <summary>What was said.</summary>
    /// <returns>Null without <c>--gdb</c> and <c>--qmp</c>.</returns>
    /// <exception cref="OtherworldException">A value is no good.</exception>
    public DebugChoice? Read(ParseResult parsed)
    {
        bool gdb = parsed.GetResult(_gdb) is not null;
        bool qmp = _hasQmp && parsed.GetResult(_qmp) is not null;
        if (gdb && qmp)
            throw new OtherworldException("--gdb and --qmp exclude each other. gdb's monitor has the words that QMP's human-monitor-command has.");
        if (!gdb && !qmp)
        {
            return parsed.GetResult(_memory) is { Implicit: false } || parsed.GetValue(_symbols) is not null
                ? throw new OtherworldException("--checkpoint-memory and --symbols are for whoever debugs. Give --gdb too.")
                : null;
        }

        ulong bytes = Quantity.ParseSize(parsed.GetRequiredValue(_memory));
        return new DebugChoice(gdb ? DebugProtocol.Gdb : DebugProtocol.Qmp, parsed.GetValue(gdb ? _gdb : _qmp), (long)Math.Min(bytes, long.MaxValue), parsed.GetValue(_symbols) is { } path ? SymbolTable.Load(path) : null);
    }
}
