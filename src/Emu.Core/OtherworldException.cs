namespace Emu.Core;

/// <summary>A user's mistake or a missing piece of the environment. The message says what was found, what was wanted and what fixes it.</summary>
/// <param name="message">One line for a person.</param>
/// <param name="exitCode">2 for bad usage or input, 3 for the environment (image missing, disk full).</param>
public sealed class OtherworldException(string message, int exitCode = 2) : Exception(message)
{
    /// <summary>The exit status of the command line.</summary>
    public int ExitCode { get; } = exitCode;
}
