namespace Emu.Core.Host;

/// <summary>How guest time relates to the host's. It only decides at which tick an input is injected.</summary>
public enum Pace
{
    /// <summary>As fast as it goes; idle time is skipped at once.</summary>
    Max,

    /// <summary>Guest time never runs ahead of the host's: idle time passes as a person expects.</summary>
    Realtime,
}
