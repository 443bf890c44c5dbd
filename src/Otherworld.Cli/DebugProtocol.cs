namespace Otherworld.Cli;

/// <summary>What those speak who look at a guest through a socket.</summary>
internal enum DebugProtocol
{
    /// <summary>gdb's remote protocol.</summary>
    Gdb,

    /// <summary>QEMU's machine protocol.</summary>
    Qmp,
}
