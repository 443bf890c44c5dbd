using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>How a debugger is let in.</summary>
/// <param name="Where">Where it connects; null for the usual port.</param>
/// <param name="Memory">Most bytes of checkpoints.</param>
/// <param name="Symbols">The kernel's, as given; null for what is known otherwise.</param>
internal sealed record DebugChoice(string? Where, long Memory, SymbolTable? Symbols)
{
    /// <summary>Lets debuggers in, and says how they get here.</summary>
    /// <param name="target">What is debugged.</param>
    /// <param name="limit">Where it ends at the latest, counted from power-on.</param>
    public GdbServer Open(DebugTarget target, RunLimit? limit = null)
    {
        GdbListener listener = GdbListener.Open(Where);
        Talk.Line($"the guest stands still until a debugger connects; in gdb: target remote {listener.Address}");
        return new GdbServer(target, listener, Talk.Line) { Limit = limit };
    }
}
