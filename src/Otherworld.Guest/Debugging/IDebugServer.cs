using Emu.Core.Machine;

namespace Otherworld.Guest.Debugging;

/// <summary>Runs a guest for somebody who looks at it through a socket.</summary>
public interface IDebugServer : IDisposable
{
    /// <summary>Whoever looks ended the run.</summary>
    bool IsKilled { get; }

    /// <summary>Called now and then while the guest runs.</summary>
    Action? BetweenSlices { get; set; }

    /// <summary>
    /// Runs to a tick, or until something happens that nobody wants to look at. While a live guest stands still it comes back now and then, so that
    /// the console is looked after. In the past of a run that one has gone back in, the limit does not count: what is known is run again first.
    /// </summary>
    RunResult Run(ulong limit);
}
