using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Qmp;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>How a debugger is let in.</summary>
/// <param name="Protocol">What it speaks.</param>
/// <param name="Where">Where it connects; null for the usual port.</param>
/// <param name="Memory">Most bytes of checkpoints.</param>
/// <param name="Symbols">The kernel's, as given; null for what is known otherwise.</param>
internal sealed record DebugChoice(DebugProtocol Protocol, string? Where, long Memory, SymbolTable? Symbols)
{
    /// <summary>Lets whoever it is in, and says how they get here.</summary>
    /// <param name="target">What is debugged.</param>
    /// <param name="limit">Where it ends at the latest, counted from power-on.</param>
    public IDebugServer Open(DebugTarget target, RunLimit? limit = null)
    {
        if (Protocol == DebugProtocol.Gdb)
            return OpenGdb(target, limit);
        var listener = DebugListener.Open("--qmp", Where, QmpServer.DefaultPort);
        Talk.Line(target.IsLive ? $"QMP clients connect to {listener.Address}" : $"the guest stands still until a QMP client says cont; it connects to {listener.Address}");
        return new QmpServer(target, listener, typeof(DebugChoice).Assembly.GetName().Version!, Talk.Line);
    }

    /// <summary>Lets debuggers in that speak gdb's protocol.</summary>
    /// <inheritdoc cref="Open"/>
    public GdbServer OpenGdb(DebugTarget target, RunLimit? limit = null)
    {
        var listener = GdbListener.Open(Where);
        Talk.Line($"the guest stands still until a debugger connects; in gdb: target remote {listener.Address}");
        return new GdbServer(target, listener, Talk.Line) { Limit = limit };
    }
}
