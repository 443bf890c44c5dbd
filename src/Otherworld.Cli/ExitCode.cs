namespace Otherworld.Cli;

/// <summary>Exit statuses of every verb. The guest's own status through isa-debug-exit is <c>(value &lt;&lt; 1) | 1</c> and comes on top.</summary>
internal static class ExitCode
{
    /// <summary>As expected.</summary>
    public const int Success = 0;

    /// <summary>An expectation was not met.</summary>
    public const int NotMet = 1;

    /// <summary>The command line or an input file is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Something is missing on this machine.</summary>
    public const int Environment = 3;

    /// <summary>A bug of ours.</summary>
    public const int Internal = 4;

    /// <summary>The guest's processor shut down after a triple fault.</summary>
    public const int TripleFault = 5;

    /// <summary>The guest asked for a reset.</summary>
    public const int Reset = 6;

    /// <summary>The guest stopped with nothing left that could wake it.</summary>
    public const int Halted = 7;

    /// <summary>The guest's exception handlers fault before their first instruction retires, for ever.</summary>
    public const int FaultLoop = 8;

    /// <summary>The limit was reached.</summary>
    public const int Limit = 124;
}
