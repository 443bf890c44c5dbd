using System.CommandLine;
using Emu.Core;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>The options with which a verb lets a debugger in.</summary>
internal sealed class DebuggerOptions
{
    private readonly Option<string?> _gdb = new("--gdb")
    {
        Description = "Let a debugger in: the guest stands still until gdb has connected to this port of this machine (1234; 0 for any), or to this socket.",
        HelpName = "PORT|unix:PATH",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _memory = new("--checkpoint-memory")
    {
        Description = "With --gdb: memory for the checkpoints that reverse execution starts from; 0 to only go forwards.",
        HelpName = "SIZE",
        DefaultValueFactory = _ => "1G",
    };

    private readonly Option<string?> _symbols = new("--symbols")
    {
        Description = "With --gdb: System.map or unstripped vmlinux, for the names in what gdb's monitor commands answer.",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_gdb);
        command.Options.Add(_memory);
        command.Options.Add(_symbols);
    }

    /// <summary>What was said.</summary>
    /// <returns>Null without <c>--gdb</c>.</returns>
    /// <exception cref="OtherworldException">A value is no good.</exception>
    public DebugChoice? Read(ParseResult parsed)
    {
        if (parsed.GetResult(_gdb) is null)
        {
            return parsed.GetResult(_memory) is { Implicit: false } || parsed.GetValue(_symbols) is not null
                ? throw new OtherworldException("--checkpoint-memory and --symbols say how --gdb debugs. Give --gdb too.")
                : null;
        }

        ulong bytes = Quantity.ParseSize(parsed.GetRequiredValue(_memory));
        return new DebugChoice(parsed.GetValue(_gdb), (long)Math.Min(bytes, long.MaxValue), parsed.GetValue(_symbols) is { } path ? SymbolTable.Load(path) : null);
    }
}
