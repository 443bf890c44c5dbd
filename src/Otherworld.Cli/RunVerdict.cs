using Emu.Core;
using Emu.Core.Machine;

namespace Otherworld.Cli;

/// <summary>What the end of a run means: one word and the exit status for programs, one sentence for people.</summary>
internal static class RunVerdict
{
    /// <summary>The outcome of a run that the person left.</summary>
    public const string Left = "left";

    /// <summary>Word and exit status.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="quit">The person left.</param>
    /// <param name="missed">A text was waited for and has not appeared.</param>
    public static (string Outcome, int Status) Judge(RunResult result, bool quit, bool missed)
    {
        if (quit)
            return (Left, missed ? ExitCode.NotMet : ExitCode.Success);
        return result.Reason switch
        {
            StopReason.Text => ("text-seen", ExitCode.Success),
            StopReason.Limit => ("limit", ExitCode.Limit),
            StopReason.PowerOff => ("power-off", missed ? ExitCode.NotMet : ExitCode.Success),
            StopReason.Reset => ("reset", missed ? ExitCode.NotMet : ExitCode.Reset),
            StopReason.TripleFault => ("triple-fault", ExitCode.TripleFault),
            StopReason.FaultLoop => ("fault-loop", ExitCode.FaultLoop),
            StopReason.DebugExit => ("debug-exit", StatusOf(result)),
            StopReason.Strict => ("strict", ExitCode.NotMet),
            StopReason.Idle or StopReason.Halted => ("halted", missed ? ExitCode.NotMet : ExitCode.Halted),
            _ => throw new InternalErrorException($"a run of boot ended with {result.Reason}"),
        };
    }

    /// <summary>A sentence without its end.</summary>
    /// <param name="outcome">As judged.</param>
    /// <param name="result">How the run ended.</param>
    /// <param name="until">The text that was waited for, if any.</param>
    /// <param name="debugged">A debugger was in control.</param>
    public static string Sentence(string outcome, RunResult result, string? until = null, bool debugged = false) => result.Reason switch
    {
        _ when outcome == Left => debugged ? "the run was left" : "left with Ctrl-A x",
        StopReason.Text => $"'{until}' has appeared",
        StopReason.Limit => "the limit is reached",
        StopReason.PowerOff => "the guest switched the power off",
        StopReason.Reset => "the guest asked for a reset",
        StopReason.TripleFault => "triple fault: the processor shut down with the registers above",
        StopReason.FaultLoop => "fault loop: the handlers of exceptions fault themselves for ever, with the registers above",
        StopReason.DebugExit => $"the guest wrote {result.Value} to isa-debug-exit: exit status {StatusOf(result)}",
        StopReason.Strict => "the guest did something unknown to us, named above, and the machine is strict",
        _ => "the guest halted with nothing left that could wake it",
    };

    private static int StatusOf(RunResult result) => (int)((result.Value << 1) | 1) & 0xFF;
}
