namespace Otherworld.Guest.Consoles;

/// <summary>Is asked whenever a run stops at a breakpoint or a watched access, before whoever runs the machine hears of it.</summary>
public interface IStopHandler
{
    /// <summary>Looks at where the machine stands.</summary>
    /// <returns>True when the stop was of no interest to anybody else: the run goes on.</returns>
    bool Handle();
}
